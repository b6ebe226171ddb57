// Depth estimation, model_type `depth`.
//
//   model_params   none
//   load reply     PictureModel::model_info()
//   input          uint8 (H, W, C); a leading batch of 1 is dropped; (C, H, W) and (1, C, H, W) are
//                  transposed
//   result         float32 tensor as the model gives it, without batch: scdepthv3 (256, 320, 1)
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_depth_family();

}  // namespace npu::families
