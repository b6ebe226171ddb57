// What a model file is taken for, and what is wrong with it or with what is said of it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "store/description_of.hpp"

namespace npu::cli {

struct ModelFinding {
  bool wrong = true;  // else something to know
  std::string text;
};

struct ModelCheck {
  // "is", "input", ...: what there is to see, in order. Texts of files: for_terminal() is due.
  std::vector<std::pair<std::string, std::string>> rows;
  std::vector<ModelFinding> findings;

  bool fine() const;
  boost::json::object json() const;
};

// path: for messages. Reads nothing but `file`.
ModelCheck check_onnx(const std::string& path, std::span<const std::byte> file,
                      const store::Described& said);
// Reads the file.
ModelCheck check_hef(const std::string& path, const store::Described& said);

}  // namespace npu::cli
