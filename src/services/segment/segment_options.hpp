// What a client may choose for one segmentation.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/kit/labels.hpp"
#include "services/kit/options.hpp"

namespace npu::segment {

enum class Format { kPlain, kCoco };
inline constexpr std::array<std::string_view, 2> kFormatNames{"plain", "coco"};

enum class MaskFormat {
  kRle,      // COCO's runs as a text
  kCounts,   // COCO's runs as numbers
  kPolygon,  // COCO's polygons
  kPng,      // a grey picture of the object's bounds
  kNone,
};
inline constexpr std::array<std::string_view, 5> kMaskFormatNames{"rle", "counts", "polygon", "png",
                                                                  "none"};

inline constexpr int kMaxDetections = 300;

struct SegmentOptions {
  double threshold = 0.4;
  double iou_threshold = 0.6;
  int max_detections = 100;
  bool agnostic = false;
  std::vector<int> classes;  // sorted; empty: all
  Format format = Format::kPlain;
  std::int64_t image_id = 0;  // for kCoco
  MaskFormat mask_format = MaskFormat::kRle;
  double polygon_tolerance = 1;  // pixels
};

// The fields threshold, iou_threshold, max_detections, agnostic, classes, format, image_id,
// mask_format and polygon_tolerance.
Status read_options(kit::Fields& fields, const kit::Labels& labels, SegmentOptions& options);

}  // namespace npu::segment
