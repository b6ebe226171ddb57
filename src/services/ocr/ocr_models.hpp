// Which networks reading takes, and how the device manager is told of them.
#pragma once

#include <string>

#include <boost/json.hpp>

namespace npu::ocr {

inline constexpr int kUsualBatch = 8;  // lines that a recogniser takes at once

// Paths, or names of the catalogue.
struct OcrModels {
  std::string detection;
  std::string latin;         // of the language en
  std::string chinese{};     // of zh; "": none of its own
  std::string classifier{};  // "": none
  int batch = kUsualBatch;

  // The family's parameters; the model's path is the detector's.
  boost::json::object params() const;
};

}  // namespace npu::ocr
