#include "services/pose/pose_options.hpp"

namespace npu::pose {

Status read_options(kit::Fields& fields, PoseOptions& options) {
  constexpr kit::Range kShare{.min = 0, .max = 1};
  fields.number("confidence_threshold", options.confidence_threshold, kShare);
  fields.number("iou_threshold", options.iou_threshold, kShare);
  fields.number("keypoint_threshold", options.keypoint_threshold, kShare);
  fields.number("max_detections", options.max_detections, {.min = 1, .max = kMaxDetections});
  return fields.status();
}

}  // namespace npu::pose
