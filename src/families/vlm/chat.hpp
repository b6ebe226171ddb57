// A conversation as clients send it, checked.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::families {

struct ChatPart {
  bool picture = false;
  std::string text;  // of a text part
};

struct ChatMessage {
  std::string role;  // system, user or assistant
  std::vector<ChatPart> parts;
};

// prompt: a list of {role, content}, where content is a text or a list of {type: text, text} and
// {type: image}. kInvalidArgument names what is wrong: an unknown role or type, a missing field,
// more or fewer image parts than frames.
Result<std::vector<ChatMessage>> parse_chat(const boost::json::value& prompt, std::size_t frames);

}  // namespace npu::families
