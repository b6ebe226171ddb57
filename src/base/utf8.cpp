#include "base/utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace npu {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool is_continuation(unsigned byte) { return (byte & 0xC0U) == 0x80; }

// Bytes of the character that text, not empty, begins with; 0 where it begins with none.
std::size_t character_length(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(byte_at(text, i))) return 0;
  }
  const unsigned second = byte_at(text, 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  const bool beyond = first == 0xF4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_control(std::string_view character) {
  const unsigned first = byte_at(character, 0);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && byte_at(character, 1) < 0xA0);
}

// Gives each character to `add`, and "" for a byte that belongs to none.
template <class Add>
void each_character(std::string_view text, const Add& add) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    add(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&](std::string_view one) { out += one.empty() ? kReplacement : one; });
  return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && is_continuation(byte_at(text, bytes))) --bytes;
  return text.substr(0, bytes);
}

std::size_t utf8_cut_tail(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t tail = 1; tail < kLongest && tail <= text.size(); ++tail) {
    const unsigned byte = byte_at(text, text.size() - tail);
    if (is_continuation(byte)) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
    return byte < 0xF5 && length > tail ? tail : 0;
  }
  return 0;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return !is_continuation(static_cast<unsigned char>(c)); }));
}

std::string_view utf8_first(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && is_continuation(byte_at(text, size))) ++size;
  return text.substr(0, size);
}

std::string_view utf8_last(std::string_view text) {
  std::size_t at = text.empty() ? 0 : text.size() - 1;
  while (at > 0 && is_continuation(byte_at(text, at))) --at;
  return text.substr(at);
}

std::string for_terminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  each_character(text, [&](std::string_view one) {
    if (one.empty()) {
      out += kReplacement;
    } else if (is_control(one)) {
      out += fmt::format("\\x{:02x}", byte_at(one, one.size() - 1));
    } else {
      out += one;
    }
  });
  return out;
}

}  // namespace npu
