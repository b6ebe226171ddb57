// Chat with a vision-language model, model_types `vlm` and `vlm_chat` (the same):
// families/generation/text_generator.hpp. A model for text only is taken too.
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_vlm_family();

}  // namespace npu::families
