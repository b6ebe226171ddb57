// A conversation, as chat formats and families see it.
#pragma once

#include <string>
#include <vector>

namespace npu::text {

struct ChatPart {
  bool picture = false;
  std::string text;  // of a text part
};

struct ChatMessage {
  std::string role;  // system, user or assistant
  std::vector<ChatPart> parts;
};

using Chat = std::vector<ChatMessage>;

}  // namespace npu::text
