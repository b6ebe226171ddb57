#include "text/byte_names.hpp"

#include <array>
#include <cstddef>

#include "text/unicode.hpp"

namespace npu::text {
namespace {

constexpr std::size_t kBytes = 256;
constexpr std::int16_t kNone = -1;

constexpr bool is_printable(std::size_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr auto kNames = [] {
  std::array<char32_t, kBytes> names{};
  char32_t others = kBytes;
  for (std::size_t byte = 0; byte < kBytes; ++byte) {
    names[byte] = is_printable(byte) ? static_cast<char32_t>(byte) : others++;
  }
  return names;
}();

// By character.
constexpr auto kBytesOfNames = [] {
  std::array<std::int16_t, 2 * kBytes> bytes{};
  bytes.fill(kNone);
  for (std::size_t byte = 0; byte < kBytes; ++byte) {
    bytes[kNames[byte]] = static_cast<std::int16_t>(byte);
  }
  return bytes;
}();

}  // namespace

char32_t name_of_byte(std::uint8_t byte) { return kNames[byte]; }

std::optional<std::string> bytes_of_names(std::string_view token) {
  std::string bytes;
  while (!token.empty()) {
    const char32_t c = take_character(token);
    if (c >= kBytesOfNames.size() || kBytesOfNames[c] == kNone) return std::nullopt;
    bytes += static_cast<char>(kBytesOfNames[c]);
  }
  return bytes;
}

}  // namespace npu::text
