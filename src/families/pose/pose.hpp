// Pose estimation, model_type `pose`.
//
//   model_params   none
//   load reply     model_info.input_shape [H, W, C]
//   input          uint8 (H, W, C)
//   result         one output: a float32 tensor; several: {layer name: float32 tensor}; without
//   batch
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_pose_family();

}  // namespace npu::families
