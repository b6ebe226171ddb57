#include "families/vlm/chatml.hpp"

#include <utility>

namespace npu::families {
namespace {

constexpr std::string_view kStart = "<|im_start|>";
constexpr std::string_view kPicture = "<|vision_start|><|image_pad|><|vision_end|>";
constexpr std::string_view kPicturePad = "<|image_pad|>";
constexpr std::string_view kDefaultSystem = "You are a helpful assistant.";

// Every marker of the vocabulary begins so.
constexpr std::string_view kMarkerOpening = "<|";

void append_plain(std::string& out, std::string_view text) {
  for (auto at = text.find(kMarkerOpening); at != std::string_view::npos;
       at = text.find(kMarkerOpening)) {
    out += text.substr(0, at + 1);
    out += ' ';
    text.remove_prefix(at + 1);
  }
  out += text;
}

void open_message(std::string& out, std::string_view role) {
  out += kStart;
  out += role;
  out += '\n';
}

void close_message(std::string& out) {
  out += kChatMlEnd;
  out += '\n';
}

}  // namespace

std::string render_chatml(const std::vector<ChatMessage>& messages) {
  std::string out;
  if (messages.empty() || messages.front().role != "system") {
    open_message(out, "system");
    out += kDefaultSystem;
    close_message(out);
  }
  for (const auto& message : messages) {
    open_message(out, message.role);
    std::string text;  // of neighbouring parts together: a marker may span two
    for (const auto& part : message.parts) {
      if (!part.picture) {
        text += part.text;
        continue;
      }
      append_plain(out, std::exchange(text, {}));
      out += kPicture;
    }
    append_plain(out, text);
    close_message(out);
  }
  open_message(out, "assistant");
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

}  // namespace npu::families
