// Text generation, model_type `llm`: families/generation/text_generator.hpp, without pictures. A
// vision-language model is taken too, and sees none.
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_llm_family();

}  // namespace npu::families
