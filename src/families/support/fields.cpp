#include "families/support/fields.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::families {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxQuoted = 32;

}  // namespace

const json::value* find_field(const json::object& fields, std::string_view name) {
  const auto* value = fields.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string quote(const json::value& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (!value.is_string()) return json::serialize(value);
  const std::string_view text = value.get_string();
  if (text.size() <= kMaxQuoted) return json::serialize(value);
  return json::serialize(json::string(utf8_prefix(text, kMaxQuoted))) + "...";
}

Result<std::optional<std::string_view>> text_field(const json::object& fields,
                                                   std::string_view name) {
  const auto* value = find_field(fields, name);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string_view(*text);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must be a string, got {}", name, quote(*value)));
}

std::optional<double> to_number(const json::value& value) {
  double number = 0;
  if (const auto* d = value.if_double()) {
    number = *d;
  } else if (const auto* i = value.if_int64()) {
    number = static_cast<double>(*i);
  } else if (const auto* u = value.if_uint64()) {
    number = static_cast<double>(*u);
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

Result<std::int64_t> to_integer(const json::value& value, std::string_view name, std::int64_t min,
                                std::int64_t max) {
  const auto number = to_number(value);
  if (number && *number == std::floor(*number) && *number >= static_cast<double>(min) &&
      *number <= static_cast<double>(max)) {
    return static_cast<std::int64_t>(*number);
  }
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} must be a whole number {}..{}, got {}",
                                                       name, min, max, quote(value)));
}

Result<std::optional<std::int64_t>> integer_field(const json::object& fields, std::string_view name,
                                                  std::int64_t min, std::int64_t max) {
  const auto* value = find_field(fields, name);
  if (value == nullptr) return std::nullopt;
  const auto number = to_integer(*value, name, min, max);
  if (!number) return fail(number.error());
  return *number;
}

Result<std::optional<double>> number_field(const json::object& fields, std::string_view name,
                                           double min, double max) {
  const auto* value = find_field(fields, name);
  if (value == nullptr) return std::nullopt;
  const auto number = to_number(*value);
  if (number && *number >= min && *number <= max) return *number;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must be a number {}..{}, got {}", name, min, max, quote(*value)));
}

Result<std::optional<std::int64_t>> capped_integer_field(const json::object& fields,
                                                         std::string_view name, std::int64_t min,
                                                         std::int64_t most) {
  const auto* value = find_field(fields, name);
  if (value == nullptr) return std::nullopt;
  const auto number = to_number(*value);
  if (number && *number == std::floor(*number) && *number >= static_cast<double>(min)) {
    return *number < static_cast<double>(most) ? static_cast<std::int64_t>(*number) : most;
  }
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{} must be a whole number of at least {}, got {}", name, min, quote(*value)));
}

Result<std::optional<double>> capped_number_field(const json::object& fields, std::string_view name,
                                                  double min, double most) {
  const auto* value = find_field(fields, name);
  if (value == nullptr) return std::nullopt;
  const auto number = to_number(*value);
  if (number && *number >= min) return std::min(*number, most);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must be a number of at least {}, got {}", name, min, quote(*value)));
}

}  // namespace npu::families
