// What a client may choose for one picture.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/kit/options.hpp"
#include "vision/text_map.hpp"

namespace npu::ocr {

enum class Format { kJson, kText, kHocr, kTsv, kAlto };
// In the order of the enumerators.
inline constexpr std::array<std::string_view, 5> kFormatNames{"json", "text", "hocr", "tsv",
                                                              "alto"};

inline constexpr std::size_t kMaxLanguages = 8;

struct OcrOptions {
  std::vector<std::string> languages;  // empty: the first network's
  Format format = Format::kJson;
  vision::TextMapRules map;
  double rec_threshold = 0.5;  // least confidence of a text
  bool classify_angle = true;  // turn what is upside down, where there is a classifier
};

// The fields languages (a list, or a text of names with commas between), format, det_threshold,
// box_threshold, unclip_ratio, rec_threshold and classify_angle.
Status read_options(kit::Fields& fields, OcrOptions& options);

}  // namespace npu::ocr
