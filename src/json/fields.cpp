#include "json/fields.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "json/write.hpp"

namespace npu::json {
namespace {

namespace bj = boost::json;

constexpr std::size_t kMaxQuoted = 32;  // bytes
// Up to here every whole number is a double of its own.
constexpr double kMaxExact = 9007199254740992.0;

template <class T>
constexpr T kNoLimit = std::numeric_limits<T>::max();

template <class T>
std::string kind(bool whole, T min, T max) {
  const char* name = whole ? "a whole number" : "a number";
  const bool from = min > std::numeric_limits<T>::lowest();
  const bool to = max < kNoLimit<T>;
  if (from && to) return fmt::format("{} in {}..{}", name, min, max);
  if (from) return fmt::format("{} of at least {}", name, min);
  if (to) return fmt::format("{} of at most {}", name, max);
  return name;
}

std::optional<double> exact_whole(const bj::value& value) {
  const auto* number = value.if_double();
  const bool whole =
      number != nullptr && std::fabs(*number) <= kMaxExact && *number == std::floor(*number);
  return whole ? std::optional(*number) : std::nullopt;
}

}  // namespace

std::optional<double> number_in(const bj::value& value) {
  if (const auto* number = value.if_int64()) return static_cast<double>(*number);
  if (const auto* number = value.if_uint64()) return static_cast<double>(*number);
  const auto* number = value.if_double();
  return number != nullptr && std::isfinite(*number) ? std::optional(*number) : std::nullopt;
}

std::optional<std::int64_t> integer_in(const bj::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  if (const auto number = exact_whole(value)) return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

std::optional<std::uint64_t> count_in(const bj::value& value) {
  if (const auto* number = value.if_uint64()) return *number;
  const auto number = integer_in(value);
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

std::string quote(const bj::value& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (const auto* text = value.if_string()) return quote(std::string_view(*text));
  std::string quoted;
  append(quoted, value);
  return quoted;
}

std::string quote(std::string_view text) {
  std::string quoted;
  append_string(quoted, utf8_prefix(text, kMaxQuoted));
  if (text.size() > kMaxQuoted) quoted += "...";
  return quoted;
}

std::string kind_of_number(bool whole, double min, double max) { return kind(whole, min, max); }
std::string kind_of_number(bool whole, std::int64_t min, std::int64_t max) {
  return kind(whole, min, max);
}

std::string must_be(std::string_view name, std::string_view right, std::string_view got) {
  return fmt::format("{} must be {}, got {}", name, right, got);
}

Fields& Fields::required(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (find(name) == nullptr) fail_with(fmt::format("{}{} is missing", within_, name));
  }
  return *this;
}

const bj::value* Fields::find(std::string_view name) const {
  const auto* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

template <class T, class Convert>
T Fields::read(std::string_view name, std::string_view right, Convert convert) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  T result = convert(*value);
  if (!result) wrong(name, right);
  return result;
}

std::optional<bool> Fields::flag(std::string_view name) {
  return read<std::optional<bool>>(name, "true or false", [](const bj::value& value) {
    const auto* flag = value.if_bool();
    return flag != nullptr ? std::optional(*flag) : std::nullopt;
  });
}

std::optional<std::string_view> Fields::text(std::string_view name) {
  using Text = std::optional<std::string_view>;
  return read<Text>(name, "a string", [](const bj::value& value) {
    const auto* text = value.if_string();
    return text != nullptr ? Text(*text) : std::nullopt;
  });
}

const bj::object* Fields::object(std::string_view name) {
  return read<const bj::object*>(name, "an object",
                                 [](const bj::value& value) { return value.if_object(); });
}

const bj::array* Fields::list(std::string_view name) {
  return read<const bj::array*>(name, "a list",
                                [](const bj::value& value) { return value.if_array(); });
}

std::optional<double> Fields::number(std::string_view name) {
  return read<std::optional<double>>(name, "a number", number_in);
}

std::optional<double> Fields::number(std::string_view name, double min, double max) {
  const auto number = this->number(name);
  if (!number || (*number >= min && *number <= max)) return number;
  wrong(name, kind_of_number(false, min, max));
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name) {
  return read<std::optional<std::int64_t>>(name, "a whole number", integer_in);
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t min,
                                            std::int64_t max) {
  const auto* value = find(name);
  const auto number = value != nullptr ? integer_in(*value) : std::nullopt;
  if (number && *number >= min && *number <= max) return number;
  if (value != nullptr) wrong(name, kind_of_number(true, min, max));
  return std::nullopt;
}

std::optional<std::uint64_t> Fields::count(std::string_view name) {
  return read<std::optional<std::uint64_t>>(name, "a whole number that is not negative", count_in);
}

std::optional<double> Fields::capped_number(std::string_view name, double min, double most) {
  const auto* value = find(name);
  const auto number = value != nullptr ? number_in(*value) : std::nullopt;
  if (number && *number >= min) return std::min(*number, most);
  if (value != nullptr) wrong(name, kind_of_number(false, min, kNoLimit<double>));
  return std::nullopt;
}

std::optional<std::int64_t> Fields::capped_integer(std::string_view name, std::int64_t min,
                                                   std::int64_t most) {
  const auto* value = find(name);
  const auto number = value != nullptr ? number_in(*value) : std::nullopt;
  if (number && *number == std::floor(*number) && *number >= static_cast<double>(min)) {
    return *number < static_cast<double>(most) ? static_cast<std::int64_t>(*number) : most;
  }
  if (value != nullptr) wrong(name, kind_of_number(true, min, kNoLimit<std::int64_t>));
  return std::nullopt;
}

void Fields::wrong(std::string_view name, std::string_view right) {
  const auto* value = find(name);
  fail_with(within_ + must_be(name, right, value != nullptr ? quote(*value) : "nothing"));
}

void Fields::fail_with(std::string message) {
  if (status_) status_ = fail(code_, std::move(message));
}

}  // namespace npu::json
