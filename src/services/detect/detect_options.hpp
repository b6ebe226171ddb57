// What a client may choose for one detection.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/kit/labels.hpp"
#include "services/kit/options.hpp"

namespace npu::detect {

enum class Format { kPlain, kCoco };
inline constexpr std::array<std::string_view, 2> kFormatNames{"plain", "coco"};

inline constexpr int kMaxDetections = 300;

struct DetectOptions {
  double threshold = 0.4;
  double iou_threshold = 0.45;
  int max_detections = 100;
  bool agnostic = false;
  std::vector<int> classes;  // sorted; empty: all
  Format format = Format::kPlain;
  std::int64_t image_id = 0;  // for kCoco
};

// The fields threshold, iou_threshold, max_detections, agnostic, classes, format and image_id.
// classes: names, in a JSON array or with commas between them.
Status read_options(kit::Fields& fields, const kit::Labels& labels, DetectOptions& options);
// Of DeepStack: min_confidence.
Status read_deepstack_options(kit::Fields& fields, DetectOptions& options);

}  // namespace npu::detect
