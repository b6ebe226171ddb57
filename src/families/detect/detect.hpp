// Object detection, model_type `detect`: a picture in, the model's outputs out
// (support/raw_outputs.hpp).
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_detect_family();

}  // namespace npu::families
