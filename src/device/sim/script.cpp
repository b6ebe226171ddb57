#include "device/sim/script.hpp"

#include <algorithm>

namespace npu::device::sim {
namespace {

constexpr std::string_view kUser = "<|im_start|>user\n";
constexpr std::string_view kEnd = "<|im_end|>";
constexpr std::string_view kPicture = "<|vision_start|><|image_pad|><|vision_end|>";
constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::size_t kBytesPerToken = 4;

}  // namespace

std::vector<std::string_view> split_tokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (!text.empty()) {
    const std::size_t word = std::min(text.find_first_not_of(kSpaces), text.size());
    const std::size_t end = std::min(text.find_first_of(kSpaces, word), text.size());
    tokens.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return tokens;
}

std::string last_user_text(std::string_view prompt) {
  if (const auto user = prompt.rfind(kUser); user != std::string_view::npos) {
    prompt.remove_prefix(user + kUser.size());
    prompt = prompt.substr(0, prompt.find(kEnd));
  }
  std::string text(prompt);
  for (auto at = text.find(kPicture); at != std::string::npos; at = text.find(kPicture, at)) {
    text.erase(at, kPicture.size());
  }
  return text;
}

int count_tokens(std::string_view prompt) {
  return static_cast<int>(
      std::max<std::size_t>(1, (prompt.size() + kBytesPerToken - 1) / kBytesPerToken));
}

}  // namespace npu::device::sim
