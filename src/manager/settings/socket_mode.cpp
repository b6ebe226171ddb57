#include "manager/settings/socket_mode.hpp"

#include <charconv>
#include <string>

#include <fmt/format.h>

namespace npu::manager {
namespace {

bool starts_with_marker(std::string_view text, char marker) {
  return text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == marker;
}

}  // namespace

Result<mode_t> parse_socket_mode(std::string_view text) {
  std::string_view digits = text;
  int base = 8;
  if (starts_with_marker(text, 'o')) {
    digits = text.substr(2);
  } else if (starts_with_marker(text, 'x')) {
    digits = text.substr(2);
    base = 16;
  } else if (!text.starts_with('0') && text.size() != 3) {
    digits = {};
  }
  unsigned mode = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), mode, base);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() ||
      mode > 0777) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a socket mode is octal like 0660, 0..0777, got \"{}\"", text));
  }
  return static_cast<mode_t>(mode);
}

}  // namespace npu::manager
