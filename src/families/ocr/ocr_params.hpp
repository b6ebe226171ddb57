// The model_params of `ocr`, checked.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::families {

inline constexpr int kDefaultOcrBatch = 8;
inline constexpr int kMaxOcrBatch = 128;

struct OcrParams {
  struct Language {
    std::string name;
    std::string path;
    int batch = kDefaultOcrBatch;
  };
  std::string detection;
  std::string classification;       // "": there is none
  std::vector<Language> languages;  // in the order of recognition_hefs, at least one
};

Result<OcrParams> parse_ocr_params(const boost::json::object& params);

}  // namespace npu::families
