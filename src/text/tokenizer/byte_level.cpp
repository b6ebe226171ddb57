#include "text/tokenizer/byte_level.hpp"

#include <array>
#include <cstdint>

#include "text/tokenizer/unicode.hpp"

namespace npu::text {
namespace {

constexpr std::int16_t kNone = -1;

constexpr bool is_printable(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

// By character: printable bytes of Latin-1 are called by their own, the others by those from U+0100
// up, in their order.
constexpr auto kBytes = [] {
  std::array<std::int16_t, 512> bytes{};
  bytes.fill(kNone);
  int others = 0x100;
  for (int byte = 0; byte < 0x100; ++byte) {
    bytes[static_cast<std::size_t>(is_printable(byte) ? byte : others++)] =
        static_cast<std::int16_t>(byte);
  }
  return bytes;
}();

}  // namespace

std::optional<std::string> bytes_of_names(std::string_view token) {
  std::string bytes;
  while (!token.empty()) {
    const char32_t c = take_character(token);
    if (c >= kBytes.size() || kBytes[c] == kNone) return std::nullopt;
    bytes += static_cast<char>(kBytes[c]);
  }
  return bytes;
}

}  // namespace npu::text
