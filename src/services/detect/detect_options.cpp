#include "services/detect/detect_options.hpp"

#include "services/kit/class_filter.hpp"

namespace npu::detect {
namespace {

constexpr kit::Range kShare{.min = 0, .max = 1};

}  // namespace

Status read_options(kit::Fields& fields, const kit::Labels& labels, DetectOptions& options) {
  fields.number("threshold", options.threshold, kShare);
  fields.number("iou_threshold", options.iou_threshold, kShare);
  fields.number("max_detections", options.max_detections, {.min = 1, .max = kMaxDetections});
  fields.flag("agnostic", options.agnostic);
  fields.choice("format", options.format, kFormatNames);
  fields.number("image_id", options.image_id);
  if (auto classes = kit::read_classes(fields, labels, options.classes); !classes) return classes;
  return fields.status();
}

Status read_deepstack_options(kit::Fields& fields, DetectOptions& options) {
  fields.number("min_confidence", options.threshold, kShare);
  return fields.status();
}

}  // namespace npu::detect
