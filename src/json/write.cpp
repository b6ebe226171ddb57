#include "json/write.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <boost/json.hpp>

namespace npu::json {
namespace {

namespace bj = boost::json;

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_array(std::string& out, const bj::array& array, Style style) {
  const std::string_view comma = style == Style::kSpaced ? ", " : ",";
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += comma;
    append(out, array[i], style);
  }
  out += ']';
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out.append(text.substr(begin, i - begin));
    begin = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out.append("\\u00").append({kHex[c >> 4], kHex[c & 15]});
    }
  }
  out.append(text.substr(begin));
  out += '"';
}

void append(std::string& out, const bj::object& object, Style style) {
  const bool spaced = style == Style::kSpaced;
  bool first = true;
  out += '{';
  for (const auto& [key, value] : object) {
    if (!first) out += spaced ? ", " : ",";
    first = false;
    append_string(out, key);
    out += spaced ? ": " : ":";
    append(out, value, style);
  }
  out += '}';
}

void append(std::string& out, const bj::value& value, Style style) {
  switch (value.kind()) {
    case bj::kind::null: out += "null"; break;
    case bj::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case bj::kind::int64: out += std::to_string(value.get_int64()); break;
    case bj::kind::uint64: out += std::to_string(value.get_uint64()); break;
    case bj::kind::double_: append_double(out, value.get_double()); break;
    case bj::kind::string: append_string(out, value.get_string()); break;
    case bj::kind::array: append_array(out, value.get_array(), style); break;
    case bj::kind::object: append(out, value.get_object(), style); break;
  }
}

std::string write(const bj::object& value, Style style) {
  std::string out;
  append(out, value, style);
  return out;
}

double rounded(double value, double steps) { return std::round(value * steps) / steps; }

}  // namespace npu::json
