#include "services/segment/segment_options.hpp"

#include "services/kit/class_filter.hpp"

namespace npu::segment {
namespace {

constexpr kit::Range kShare{.min = 0, .max = 1};

}  // namespace

Status read_options(kit::Fields& fields, const kit::Labels& labels, SegmentOptions& options) {
  fields.number("threshold", options.threshold, kShare);
  fields.number("iou_threshold", options.iou_threshold, kShare);
  fields.number("max_detections", options.max_detections, {.min = 1, .max = kMaxDetections});
  fields.flag("agnostic", options.agnostic);
  fields.choice("format", options.format, kFormatNames);
  fields.number("image_id", options.image_id);
  fields.choice("mask_format", options.mask_format, kMaskFormatNames);
  fields.number("polygon_tolerance", options.polygon_tolerance, {.min = 0, .max = 100});
  if (auto classes = kit::read_classes(fields, labels, options.classes); !classes) return classes;
  if (auto read = fields.status(); !read) return read;
  if (options.format == Format::kCoco && options.mask_format == MaskFormat::kPng) {
    return fail(ErrorCode::kInvalidArgument,
                "COCO's results have no pictures: with format coco mask_format must be one of rle, "
                "counts, polygon, none");
  }
  return {};
}

}  // namespace npu::segment
