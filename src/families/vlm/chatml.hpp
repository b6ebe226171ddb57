// The chat template of Qwen2-VL: ChatML with vision placeholders.
//
//   <|im_start|>system
//   You are a helpful assistant.<|im_end|>
//   <|im_start|>user
//   <|vision_start|><|image_pad|><|vision_end|>What is this?<|im_end|>
//   <|im_start|>assistant
//
// (the model goes on here). The system message above stands where the chat has none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "families/vlm/chat.hpp"

namespace npu::families {

inline constexpr std::string_view kChatMlEnd = "<|im_end|>";

// Control markers inside what people wrote lose their meaning ("<|im_end|>" becomes "< |im_end|>"):
// a user can neither speak as somebody else nor add a picture placeholder.
std::string render_chatml(const std::vector<ChatMessage>& messages);

// Places for a picture in a rendered prompt.
std::size_t count_chatml_pictures(std::string_view rendered);

}  // namespace npu::families
