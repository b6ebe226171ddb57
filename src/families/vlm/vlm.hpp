// Chat with a vision-language model, model_types `vlm` and `vlm_chat` (the same).
//
//   model_params   none
//   prompt         text, or a list of {role, content} (chat.hpp)
//   frames         [uint8 tensor of the model's picture shape], may be absent or empty
//   temperature    0..2; 0 is greedy
//   seed           0..4294967295
//   max_generated_tokens   1..the model's context length
//   result         the answer, without the end marker
//   stream         {"text": piece}; the pieces joined are the result
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_vlm_family();

}  // namespace npu::families
