// Values of the form `type; name=value; name="value"`: Content-Type, Content-Disposition.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace npu::http {

// What precedes the first semicolon, trimmed.
std::string_view main_value(std::string_view field);

// The parameter's value, a view into field: without its quotes where it has them, backslashes
// inside as they are. Names compare without regard to case. Empty if there is none or if the field
// is broken before it.
std::optional<std::string_view> parameter(std::string_view field, std::string_view name);

// A parameter's value without the backslashes that quote characters in it.
std::string unescaped(std::string_view value);

}  // namespace npu::http
