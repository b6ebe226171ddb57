#include "services/segment/segment_options.hpp"

namespace npu::segment {

Status read_options(kit::Fields& fields, const kit::Labels& labels, SegmentOptions& options) {
  if (auto read = kit::read_object_options(fields, labels, options); !read) return read;
  fields.choice("mask_format", options.mask_format, kMaskFormatNames);
  fields.number("polygon_tolerance", options.polygon_tolerance, {.min = 0, .max = 100});
  if (auto read = fields.status(); !read) return read;
  if (options.format == kit::ObjectFormat::kCoco && options.mask_format == MaskFormat::kPng) {
    return fail(ErrorCode::kInvalidArgument,
                "COCO's results have no pictures: with format coco mask_format must be one of rle, "
                "counts, polygon, none");
  }
  return {};
}

}  // namespace npu::segment
