// What a client may choose for one picture.
#pragma once

#include <npu/result.hpp>

#include "services/kit/options.hpp"

namespace npu::pose {

inline constexpr int kMaxDetections = 300;

struct PoseOptions {
  double confidence_threshold = 0.5;
  double iou_threshold = 0.45;
  int max_detections = 10;
  double keypoint_threshold = 0.3;
};

// The fields confidence_threshold, iou_threshold, keypoint_threshold and max_detections.
Status read_options(kit::Fields& fields, PoseOptions& options);

}  // namespace npu::pose
