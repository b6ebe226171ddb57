// Pose estimation, model_type `pose`: a picture in, the model's outputs out
// (support/raw_outputs.hpp).
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_pose_family();

}  // namespace npu::families
