// Instance segmentation, model_type `segment`: a picture in, the model's outputs out
// (support/raw_outputs.hpp). Masks that HailoRT has made are an output of bytes.
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_segment_family();

}  // namespace npu::families
