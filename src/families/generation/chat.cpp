#include "families/generation/chat.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "json/fields.hpp"

namespace npu::families {
namespace json = boost::json;
using npu::json::Fields;
using npu::json::quote;

namespace {

using text::ChatMessage;
using text::ChatPart;

constexpr std::size_t kMaxMessages = 1024;
constexpr std::size_t kMaxParts = 1024;

tl::unexpected<Error> wrong(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

Result<ChatPart> parse_part(const json::value& value, const std::string& where) {
  const auto* part = value.if_object();
  if (part == nullptr)
    return wrong(fmt::format("{} must be an object with a type, got {}", where, quote(value)));
  const auto* type = Fields(*part).find("type");
  if (type != nullptr && *type == "image") return ChatPart{.picture = true, .text = {}};
  if (type == nullptr || *type != "text") {
    return wrong(fmt::format("{}.type must be text or image, got {}", where,
                             type != nullptr ? quote(*type) : "nothing"));
  }
  const auto* words = Fields(*part).find("text");
  if (words == nullptr || !words->is_string())
    return wrong(fmt::format("{}.text must be a string", where));
  return ChatPart{.picture = false, .text = std::string(words->get_string())};
}

Result<std::vector<ChatPart>> parse_content(const json::value* content, const std::string& where) {
  if (content != nullptr && content->is_string()) {
    return std::vector<ChatPart>{{.picture = false, .text = std::string(content->get_string())}};
  }
  const auto* list = content != nullptr ? content->if_array() : nullptr;
  if (list == nullptr) return wrong(fmt::format("{} must be a string or a list of parts", where));
  if (list->size() > kMaxParts) return wrong(fmt::format("{} has over {} parts", where, kMaxParts));
  std::vector<ChatPart> parts;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto part = parse_part((*list)[i], fmt::format("{}[{}]", where, i));
    if (!part) return fail(part.error());
    parts.push_back(std::move(*part));
  }
  return parts;
}

Result<ChatMessage> parse_message(const json::value& value, const std::string& where) {
  const auto* message = value.if_object();
  if (message == nullptr) {
    return wrong(
        fmt::format("{} must be an object with role and content, got {}", where, quote(value)));
  }
  const auto* role = Fields(*message).find("role");
  if (role == nullptr || (*role != "system" && *role != "user" && *role != "assistant")) {
    return wrong(fmt::format("{}.role must be system, user or assistant, got {}", where,
                             role != nullptr ? quote(*role) : "nothing"));
  }
  auto parts = parse_content(Fields(*message).find("content"), where + ".content");
  if (!parts) return fail(parts.error());
  return ChatMessage{std::string(role->get_string()), std::move(*parts)};
}

std::size_t count_pictures(const text::Chat& messages) {
  std::size_t count = 0;
  for (const auto& message : messages) {
    for (const auto& part : message.parts) count += part.picture ? 1 : 0;
  }
  return count;
}

}  // namespace

Result<text::Chat> parse_chat(const json::value& prompt, std::size_t frames) {
  const auto* list = prompt.if_array();
  if (list == nullptr) {
    return wrong(
        fmt::format("prompt must be a string or a list of messages, got {}", quote(prompt)));
  }
  if (list->empty()) return wrong("prompt must have at least one message");
  if (list->size() > kMaxMessages)
    return wrong(fmt::format("prompt has over {} messages", kMaxMessages));
  text::Chat messages;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto message = parse_message((*list)[i], fmt::format("prompt[{}]", i));
    if (!message) return fail(message.error());
    messages.push_back(std::move(*message));
  }
  if (const std::size_t pictures = count_pictures(messages); pictures != frames) {
    return wrong(
        fmt::format("prompt has {} image parts and frames has {} pictures; they must be equal",
                    pictures, frames));
  }
  return messages;
}

}  // namespace npu::families
