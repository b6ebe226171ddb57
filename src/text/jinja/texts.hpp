// What Python does with texts, for filters and methods alike. Texts are UTF-8.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "text/jinja/value.hpp"

namespace npu::text::jinja {

// As Python's len() has it.
inline std::int64_t length_of(std::string_view text) {
  return static_cast<std::int64_t>(utf8_length(text));
}

enum class Ends { kBoth, kLeft, kRight };
// characters: those that go; "": white space.
std::string_view stripped(std::string_view text, Ends ends, std::string_view characters = {});

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
// separator "": white space. At most so many splits, from the left or the right.
List split(std::string_view text, std::string_view separator, std::int64_t most, bool from_right);
std::string replaced(Budget& budget, std::string_view text, std::string_view what,
                     std::string_view by, std::int64_t most);
List lines_of(std::string_view text);

std::string uppered(std::string_view text);
std::string capitalised(std::string_view text);  // the first letter large, the others small
// Of each word. Python's method lets a word begin behind all that is no letter, Jinja's filter
// behind space, brackets and a hyphen.
std::string titled(std::string_view text, bool (*is_between)(char32_t));

}  // namespace npu::text::jinja
