// What a client may choose for one segmentation.
#pragma once

#include <array>
#include <string_view>

#include "services/kit/object_options.hpp"

namespace npu::segment {

enum class MaskFormat {
  kRle,      // COCO's runs as a text
  kCounts,   // COCO's runs as numbers
  kPolygon,  // COCO's polygons
  kPng,      // a grey picture of the object's bounds
  kNone,
};
inline constexpr std::array<std::string_view, 5> kMaskFormatNames{"rle", "counts", "polygon", "png",
                                                                  "none"};

struct SegmentOptions : kit::ObjectOptions {
  SegmentOptions() { iou_threshold = 0.6; }

  MaskFormat mask_format = MaskFormat::kRle;
  double polygon_tolerance = 1;  // pixels
};

// The fields of kit::read_object_options(), mask_format and polygon_tolerance.
Status read_options(kit::Fields& fields, const kit::Labels& labels, SegmentOptions& options);

}  // namespace npu::segment
