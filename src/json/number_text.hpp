// A number as somebody wrote it: parsed ones lose digits.
#pragma once

#include <cstddef>
#include <string_view>

namespace npu::json {

// The number that is the value of a member, as it stands in the text of an object that was parsed.
// "" if there is none, or if the member's name has escapes.
std::string_view number_text(std::string_view object, std::string_view member);

}  // namespace npu::json
