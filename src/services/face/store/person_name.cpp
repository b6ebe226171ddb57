#include "services/face/store/person_name.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::face {
namespace {

constexpr std::size_t kMaxNameCharacters = 256;

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    const bool c1 = byte == 0xC2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) < 0xA0;  // U+0080..U+009F
    if (c1) return true;
  }
  return false;
}

}  // namespace

Status check_name(std::string_view name) {
  const auto wrong = [](std::string_view what) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("name must be 1..{} characters of UTF-8 without control characters, {}",
                            kMaxNameCharacters, what));
  };
  if (name.empty()) return wrong("it is empty");
  if (valid_utf8(name) != name) return wrong("it is not UTF-8");
  if (has_control_characters(name)) return wrong("it has some");
  if (name.find_first_not_of(' ') == std::string_view::npos) return wrong("it is blank");
  if (const std::size_t count = utf8_length(name); count > kMaxNameCharacters) {
    return wrong(fmt::format("it has {}", count));
  }
  if (name == "Unknown") return wrong("and not \"Unknown\", as answers call who is not known");
  return {};
}

}  // namespace npu::face
