// Chat with a vision-language model, model_types `vlm` and `vlm_chat` (the same).
//
//   model_params   none
//   prompt         a list of {role, content} (chat.hpp), to which the chat template is applied;
//                  or a text, which reaches the model as it is, with one <|image_pad|> for each
//                  picture
//   frames         [uint8 tensor of the model's picture shape], may be absent or empty
//   temperature    at least 0, which is greedy
//   seed           a whole number, of which the low 32 bits count; -1: a random one
//   max_generated_tokens   at least 0, at most what the context has room for; 0: an empty answer
//   result         the answer, without the end marker
//   stream         {"text": piece}; the pieces joined are the result
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_vlm_family();

}  // namespace npu::families
