#include "services/kit/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "http/headers.hpp"
#include "json/fields.hpp"

namespace npu::kit {
namespace json = boost::json;
namespace {

constexpr std::size_t kQuoted = 64;  // bytes of a wrong value that a message repeats

std::string shown(const json::value& value) {
  if (const auto* number = value.if_double()) return fmt::to_string(*number);  // not 2.5E0
  if (!value.is_string()) return npu::json::quote(value);
  return fmt::format("'{}'", utf8_prefix(std::string_view(value.get_string()), kQuoted));
}

// As npu::json::number_in(), and of texts.
std::optional<double> number_in(const json::value& value) {
  if (!value.is_string()) return npu::json::number_in(value);
  const std::string_view text = http::trim(value.get_string());
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string name_of(Range range, bool whole) {
  const char* kind = whole ? "a whole number" : "a number";
  const bool from = range.min > std::numeric_limits<double>::lowest();
  const bool to = range.max < std::numeric_limits<double>::max();
  if (from && to) return fmt::format("{} in {}..{}", kind, range.min, range.max);
  if (from) return fmt::format("{} of at least {}", kind, range.min);
  if (to) return fmt::format("{} of at most {}", kind, range.max);
  return kind;
}

}  // namespace

std::optional<json::value> Fields::value(std::string_view name) const {
  std::optional<json::value> found;
  if (const auto* const* object = std::get_if<const json::object*>(&source_)) {
    const auto* field = (*object)->if_contains(name);
    if (field != nullptr && !field->is_null()) found = *field;
  } else if (const auto* const* form = std::get_if<const http::Multipart*>(&source_)) {
    if (const auto* part = (*form)->find(name)) found = json::value(json::string_view(part->data));
  } else if (const auto text = std::get<const http::Query*>(source_)->get(name)) {
    found = json::value(json::string_view(*text));
  }
  return found;
}

void Fields::wrong(std::string message) {
  if (status_) status_ = fail(ErrorCode::kInvalidArgument, std::move(message));
}

void Fields::wrong(std::string_view name, std::string_view right, const json::value& given,
                   std::string_view otherwise) {
  wrong(fmt::format("{} (default {})", npu::json::must_be(name, right, shown(given)), otherwise));
}

void Fields::text(std::string_view name, std::string& target) {
  const auto given = value(name);
  if (!given) return;
  if (!given->is_string()) return wrong(fmt::format("{} must be a string", name));
  target = given->get_string();
}

void Fields::flag(std::string_view name, bool& target) {
  if (const auto given = value(name)) target = truth_of(*given);
}

double Fields::read_number(std::string_view name, double otherwise, Range range, bool whole) {
  const auto given = value(name);
  if (!given) return otherwise;
  const auto number = number_in(*given);
  const bool right = number && std::isfinite(*number) && *number >= range.min &&
                     *number <= range.max && (!whole || *number == std::trunc(*number));
  if (right) return *number;
  wrong(name, name_of(range, whole), *given, fmt::to_string(otherwise));
  return otherwise;
}

std::size_t Fields::read_choice(std::string_view name, std::size_t otherwise,
                                std::span<const std::string_view> names) {
  const auto given = value(name);
  if (!given) return otherwise;
  if (!given->is_string()) {
    wrong(fmt::format("{} must be a string", name));
    return otherwise;
  }
  const auto found = std::ranges::find(names, std::string_view(given->get_string()));
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  wrong(name, fmt::format("one of {}", fmt::join(names, ", ")), *given, names[otherwise]);
  return otherwise;
}

bool truth_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return false;
    case json::kind::bool_: return value.get_bool();
    case json::kind::int64: return value.get_int64() != 0;
    case json::kind::uint64: return value.get_uint64() != 0;
    case json::kind::double_: return value.get_double() != 0;
    case json::kind::string: return http::equals_ignoring_case(value.get_string(), "true");
    case json::kind::array: return !value.get_array().empty();
    case json::kind::object: return !value.get_object().empty();
  }
  return false;
}

}  // namespace npu::kit
