// Texts for fonts that have no other letters than those of ASCII.
#pragma once

#include <string>
#include <string_view>

namespace npu::media {

// Printable ASCII of at most `longest` characters, "..." at the end of what was cut off. Latin
// letters lose their marks (é: e, ß: ss), typographic dashes and quotes become plain ones, control
// characters blanks, and any other character, and bytes that are no UTF-8, a question mark.
std::string to_ascii(std::string_view utf8, std::size_t longest);

}  // namespace npu::media
