// How a model wants a conversation written down.
//
// Models come with a chat template, a program in Jinja. None is run here: the templates of the
// models that exist for these devices write one of a few formats, which are told apart by the
// markers and the default texts that stand in the template (docs/adr/0053).
//
//   ChatMl     <|im_start|>user\nWhat is this?<|im_end|>\n<|im_start|>assistant\n      Qwen, SmolLM
//   Llama 3    <|start_header_id|>user<|end_header_id|>\n\nWhat is this?<|eot_id|>...  Llama 3.x
//   DeepSeek   <｜User｜>What is this?<｜Assistant｜>                                  R1 and
//   distills
//
// The text ends where the model goes on. Markers of a beginning of text are left to the tokenizer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "text/chat.hpp"

namespace npu::text {

class ChatFormat {
 public:
  // Of a model whose template this is. Without one: ChatMl with vision placeholders, as Qwen2-VL
  // has it. kUnsupported where the template writes none of the formats.
  static Result<ChatFormat> of(std::string_view chat_template);

  // today: "30 Nov 2026", for templates that tell the model the date.
  //
  // Control markers inside what people wrote lose their meaning ("<|im_end|>" becomes
  // "< |im_end|>"): a user can neither speak as somebody else nor add a picture placeholder.
  std::string render(const Chat& chat, std::string_view today) const;

  // The text that ends an answer in this format.
  std::string_view end() const;

 private:
  enum class Kind { kChatMl, kLlama3, kDeepSeek };

  explicit ChatFormat(Kind kind) : kind_(kind) {}

  std::string render_chatml(const Chat& chat) const;
  std::string render_llama3(const Chat& chat, std::string_view today) const;
  std::string render_deepseek(const Chat& chat) const;
  std::string content(const ChatMessage& message) const;

  Kind kind_;
  std::string default_system_;     // ChatMl: of a conversation without one; "" for none
  bool forgets_thoughts_ = false;  // earlier answers lose what stands before </think>
  bool trims_ = false;             // space around what is said
  bool dates_ = false;             // Llama 3: the system message tells dates
  std::string date_;               // fixed; "" for today's
  std::string picture_;
  std::string opening_;  // the model's turn
};

// Places for a picture in a prompt that is written in ChatMl.
std::size_t count_chatml_pictures(std::string_view rendered);

}  // namespace npu::text
