#include "json/number_text.hpp"

#include <algorithm>

namespace npu::json {
namespace {

// Where the string that begins at `from` has its closing quote, or the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('"', from + 1); at != text.npos; at = text.find('"', at + 1)) {
    std::size_t escapes = 0;
    while (text[at - 1 - escapes] == '\\') ++escapes;
    if (escapes % 2 == 0) return at;
  }
  return text.size();
}

}  // namespace

std::string_view number_text(std::string_view object, std::string_view member) {
  constexpr std::string_view kSpace = " \t\r\n";
  constexpr std::string_view kOfNumbers = "+-.0123456789Ee";
  std::string_view found;
  int depth = 0;
  for (std::size_t at = 0; at < object.size(); ++at) {
    const char c = object[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::string_view name = object.substr(at + 1, end_of_string(object, at) - at - 1);
    at += name.size() + 1;
    if (depth != 1 || name != member) continue;
    const std::size_t colon = object.find_first_not_of(kSpace, at + 1);
    if (colon == object.npos || object[colon] != ':') continue;
    const std::size_t value = std::min(object.find_first_not_of(kSpace, colon + 1), object.size());
    found = object.substr(value, object.find_first_not_of(kOfNumbers, value) - value);
  }
  return found;
}

}  // namespace npu::json
