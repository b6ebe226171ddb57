#include "text/jinja/texts.hpp"

#include <algorithm>
#include <vector>

#include "text/unicode.hpp"

namespace npu::text::jinja {
namespace {

bool goes(char32_t c, std::string_view characters) {
  if (characters.empty()) return is_white_space(c) || (c >= 0x1C && c <= 0x1F);
  while (!characters.empty()) {
    if (take_character(characters) == c) return true;
  }
  return false;
}

void append_upper(std::string& out, char32_t c) {
  if (c == U'ß') {
    out += "SS";
  } else {
    append_character(out, upper_of(c));
  }
}

List split_at_space(std::string_view text, std::int64_t most, bool from_right) {
  List parts;
  const Ends side = from_right ? Ends::kRight : Ends::kLeft;
  for (text = stripped(text, side); !text.empty();) {
    if (static_cast<std::int64_t>(parts.size()) >= most) {
      parts.emplace_back(std::string(text));
      break;
    }
    std::size_t size = 0;  // of the word at the end where it is taken
    while (size < text.size()) {
      std::string_view next = from_right ? text.substr(0, text.size() - size) : text.substr(size);
      if (from_right) next = utf8_last(next);
      const std::size_t before = next.size();
      std::string_view rest = next;
      if (goes(take_character(rest), {})) break;
      size += from_right ? before : before - rest.size();
    }
    parts.emplace_back(
        std::string(from_right ? text.substr(text.size() - size) : text.substr(0, size)));
    text = stripped(from_right ? text.substr(0, text.size() - size) : text.substr(size), side);
  }
  if (from_right) std::ranges::reverse(parts);
  return parts;
}

}  // namespace

std::string_view stripped(std::string_view text, Ends ends, std::string_view characters) {
  while (ends != Ends::kRight && !text.empty()) {
    std::string_view rest = text;
    if (!goes(take_character(rest), characters)) break;
    text = rest;
  }
  while (ends != Ends::kLeft && !text.empty()) {
    std::string_view last = utf8_last(text);
    const std::size_t size = last.size();
    if (!goes(take_character(last), characters)) break;
    text.remove_suffix(size);
  }
  return text;
}

List split(std::string_view text, std::string_view separator, std::int64_t most, bool from_right) {
  if (most < 0) most = kAll;
  if (separator.empty()) return split_at_space(text, most, from_right);
  List parts;
  while (static_cast<std::int64_t>(parts.size()) < most) {
    const auto at = from_right ? text.rfind(separator) : text.find(separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(
        std::string(from_right ? text.substr(at + separator.size()) : text.substr(0, at)));
    text = from_right ? text.substr(0, at) : text.substr(at + separator.size());
  }
  parts.emplace_back(std::string(text));
  if (from_right) std::ranges::reverse(parts);
  return parts;
}

std::string replaced(Budget& budget, std::string_view text, std::string_view what,
                     std::string_view by, std::int64_t most) {
  std::string result;
  if (most < 0) most = kAll;
  while (most-- > 0) {
    budget.check(result.size());
    if (what.empty()) {
      result += by;
      if (text.empty()) break;
      const std::string_view first = utf8_first(text);
      result += first;
      text.remove_prefix(first.size());
      continue;
    }
    const auto at = text.find(what);
    if (at == std::string_view::npos) break;
    result += text.substr(0, at);
    result += by;
    text.remove_prefix(at + what.size());
  }
  result += text;
  return result;
}

List lines_of(std::string_view text) {
  List lines;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\n\r"), text.size());
    lines.emplace_back(std::string(text.substr(0, end)));
    const bool both = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(end + (both ? 2 : 1), text.size()));
  }
  return lines;
}

std::string uppered(std::string_view text) {
  std::string result;
  while (!text.empty()) append_upper(result, take_character(text));
  return result;
}

std::string capitalised(std::string_view text) {
  std::string result;
  if (!text.empty()) append_upper(result, take_character(text));
  return result + lowered(text);
}

std::string titled(std::string_view text, bool (*is_between)(char32_t)) {
  std::string result;
  bool begins = true;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = take_character(text);
    if (begins) {
      append_upper(result, c);
    } else {
      result += lowered(before.substr(0, before.size() - text.size()));
    }
    begins = is_between(c);
  }
  return result;
}

}  // namespace npu::text::jinja
