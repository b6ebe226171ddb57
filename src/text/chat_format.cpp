#include "text/chat_format.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"

namespace npu::text {
namespace {

constexpr std::string_view kChatMlStart = "<|im_start|>";
constexpr std::string_view kChatMlEnd = "<|im_end|>";
constexpr std::string_view kChatMlPicture = "<|vision_start|><|image_pad|><|vision_end|>";
constexpr std::string_view kPicturePad = "<|image_pad|>";

constexpr std::string_view kLlamaStart = "<|start_header_id|>";
constexpr std::string_view kLlamaHeaderEnd = "<|end_header_id|>\n\n";
constexpr std::string_view kLlamaEnd = "<|eot_id|>";
constexpr std::string_view kLlamaPicture = "<|image|>";

constexpr std::string_view kDeepSeekUser = "<｜User｜>";
constexpr std::string_view kDeepSeekAssistant = "<｜Assistant｜>";
constexpr std::string_view kDeepSeekEnd = "<｜end▁of▁sentence｜>";

// What templates say where the conversation has no system message; the full stop at the end is not
// in all of them.
constexpr std::array<std::string_view, 2> kDefaultSystems{
    "You are Qwen, created by Alibaba Cloud. You are a helpful assistant",
    "You are a helpful assistant",
};
constexpr std::string_view kQwenVlSystem = "You are a helpful assistant.";

constexpr std::string_view kEndOfThought = "</think>";

// Every marker of these vocabularies begins with one of them.
constexpr std::array<std::string_view, 2> kMarkerOpenings{"<|", "<｜"};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void append_plain(std::string& out, std::string_view text) {
  while (!text.empty()) {
    auto at = std::string_view::npos;
    for (const auto opening : kMarkerOpenings) at = std::min(at, text.find(opening));
    if (at == std::string_view::npos) break;
    out += text.substr(0, at + 1);
    out += ' ';
    text.remove_prefix(at + 1);
  }
  out += text;
}

std::string_view after_thoughts(std::string_view text) {
  if (const auto at = text.rfind(kEndOfThought); at != std::string_view::npos) {
    text.remove_prefix(at + kEndOfThought.size());
    text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
  }
  return text;
}

std::string default_system(std::string_view chat_template) {
  for (const auto system : kDefaultSystems) {
    const auto at = chat_template.find(system);
    if (at == std::string_view::npos) continue;
    const bool stop = chat_template.substr(at + system.size()).starts_with('.');
    return std::string(system) + (stop ? "." : "");
  }
  return {};
}

}  // namespace

Result<ChatFormat> ChatFormat::of(std::string_view chat_template) {
  if (chat_template.empty()) {
    ChatFormat format(Kind::kChatMl);
    format.default_system_ = kQwenVlSystem;
    format.picture_ = kChatMlPicture;
    return format;
  }
  if (has(chat_template, kLlamaStart)) {
    ChatFormat format(Kind::kLlama3);
    format.trims_ = has(chat_template, "message['content'] | trim");
    format.dates_ = has(chat_template, "Cutting Knowledge Date: December 2023");
    if (!has(chat_template, "strftime_now")) format.date_ = "26 Jul 2024";
    format.picture_ = kLlamaPicture;
    return format;
  }
  if (has(chat_template, kDeepSeekUser)) {
    ChatFormat format(Kind::kDeepSeek);
    format.forgets_thoughts_ = has(chat_template, kEndOfThought);
    format.opening_ = kDeepSeekAssistant;
    // Newer templates open the thoughts for the model.
    if (has(chat_template, "<｜Assistant｜><think>\\n")) format.opening_ += "<think>\n";
    return format;
  }
  if (has(chat_template, kChatMlStart)) {
    ChatFormat format(Kind::kChatMl);
    format.default_system_ = default_system(chat_template);
    format.forgets_thoughts_ = has(chat_template, kEndOfThought);
    format.picture_ = kChatMlPicture;
    return format;
  }
  return fail(ErrorCode::kUnsupported,
              "the model's chat template writes a format that is not known here (known are those "
              "of Qwen, Llama 3 and DeepSeek); a prompt that is a text reaches the model as it is");
}

std::string_view ChatFormat::end() const {
  switch (kind_) {
    case Kind::kLlama3: return kLlamaEnd;
    case Kind::kDeepSeek: return kDeepSeekEnd;
    default: return kChatMlEnd;
  }
}

std::string ChatFormat::render(const Chat& chat, std::string_view today) const {
  switch (kind_) {
    case Kind::kLlama3: return render_llama3(chat, today);
    case Kind::kDeepSeek: return render_deepseek(chat);
    default: return render_chatml(chat);
  }
}

// Neighbouring texts are looked at together: a marker may span two.
std::string ChatFormat::content(const ChatMessage& message) const {
  std::string out;
  std::string text;
  const auto say = [&] {
    std::string_view said = text;
    if (message.role == "assistant" && forgets_thoughts_) said = after_thoughts(said);
    append_plain(out, trims_ ? trim(said) : said);
    text.clear();
  };
  for (const auto& part : message.parts) {
    if (!part.picture) {
      text += part.text;
      continue;
    }
    say();
    out += picture_;
  }
  say();
  return out;
}

std::string ChatFormat::render_chatml(const Chat& chat) const {
  std::string out;
  const auto say = [&](std::string_view role, std::string_view text) {
    out += kChatMlStart;
    out += role;
    out += '\n';
    out += text;
    out += kChatMlEnd;
    out += '\n';
  };
  const bool has_system = !chat.empty() && chat.front().role == "system";
  if (!has_system && !default_system_.empty()) say("system", default_system_);
  for (const auto& message : chat) say(message.role, content(message));
  out += kChatMlStart;
  out += "assistant\n";
  return out;
}

std::string ChatFormat::render_llama3(const Chat& chat, std::string_view today) const {
  std::string out;
  const auto open = [&](std::string_view role) {
    out += kLlamaStart;
    out += role;
    out += kLlamaHeaderEnd;
  };
  auto message = chat.begin();
  const bool has_system = message != chat.end() && message->role == "system";
  if (dates_ || has_system) {
    open("system");
    if (dates_) {
      out += "Cutting Knowledge Date: December 2023\nToday Date: ";
      out += date_.empty() ? today : std::string_view(date_);
      out += "\n\n";
    }
    if (has_system) out += content(*message++);
    out += kLlamaEnd;
  }
  for (; message != chat.end(); ++message) {
    open(message->role);
    out += content(*message);
    out += kLlamaEnd;
  }
  open("assistant");
  return out;
}

std::string ChatFormat::render_deepseek(const Chat& chat) const {
  std::string out;
  for (const auto& message : chat) {
    if (message.role != "system") continue;
    if (!out.empty()) out += "\n\n";
    out += content(message);
  }
  for (const auto& message : chat) {
    if (message.role == "user") {
      out += kDeepSeekUser;
      out += content(message);
    } else if (message.role == "assistant") {
      out += kDeepSeekAssistant;
      out += content(message);
      out += kDeepSeekEnd;
    }
  }
  out += opening_;
  return out;
}

std::size_t count_chatml_pictures(std::string_view rendered) {
  std::size_t count = 0;
  for (auto at = rendered.find(kPicturePad); at != std::string_view::npos;
       at = rendered.find(kPicturePad, at + kPicturePad.size())) {
    ++count;
  }
  return count;
}

}  // namespace npu::text
