#include "http/media_type.hpp"

#include "http/headers.hpp"

namespace npu::http {
namespace {

// text begins behind an opening quote; the offset of the closing one.
std::optional<std::size_t> closing_quote(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return i;
    if (text[i] == '\\') ++i;
  }
  return std::nullopt;
}

}  // namespace

std::string_view main_value(std::string_view field) {
  return trim(field.substr(0, field.find(';')));
}

std::optional<std::string_view> parameter(std::string_view field, std::string_view name) {
  auto next = field.find(';');
  while (next != std::string_view::npos) {
    field.remove_prefix(next + 1);
    const auto equals = field.find_first_of("=;");
    if (equals == std::string_view::npos) return std::nullopt;
    if (field[equals] == ';') {
      next = equals;
      continue;
    }
    const auto key = trim(field.substr(0, equals));
    field = field.substr(equals + 1);
    std::string_view value;
    if (trim(field).starts_with('"')) {
      field.remove_prefix(field.find('"') + 1);
      const auto end = closing_quote(field);
      if (!end) return std::nullopt;
      value = field.substr(0, *end);
      field.remove_prefix(*end + 1);
    } else {
      value = trim(field.substr(0, field.find(';')));
    }
    if (equals_ignoring_case(key, name)) return value;
    next = field.find(';');
  }
  return std::nullopt;
}

std::string unescaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    out += value[i];
  }
  return out;
}

}  // namespace npu::http
