#include "services/kit/options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "http/headers.hpp"
#include "json/fields.hpp"

namespace npu::kit {
namespace json = boost::json;
namespace {

std::optional<double> number_of(std::string_view text) {
  text = http::trim(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool truth_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::bool_: return value.get_bool();
    case json::kind::array: return !value.get_array().empty();
    case json::kind::object: return !value.get_object().empty();
    default: return npu::json::number_in(value).value_or(0) != 0;
  }
}

}  // namespace

Fields::Given Fields::find(std::string_view name) const {
  if (const auto* const* form = std::get_if<const http::Multipart*>(&source_)) {
    if (const auto* part = (*form)->find(name)) return part->data;
  } else if (const auto* const* query = std::get_if<const http::Query*>(&source_)) {
    if (const auto text = (*query)->get(name)) return *text;
  } else if (const auto* field = value(name)) {
    if (const auto* text = field->if_string()) return std::string_view(*text);
    return field;
  }
  return {};
}

const json::value* Fields::value(std::string_view name) const {
  const auto* const* object = std::get_if<const json::object*>(&source_);
  return object != nullptr ? npu::json::Fields(**object).find(name) : nullptr;
}

void Fields::wrong(std::string_view name, std::string_view right, Given given,
                   std::string_view otherwise) {
  if (!status_) return;
  const auto* const* value = std::get_if<const json::value*>(&given);
  const std::string got = value != nullptr ? npu::json::quote(**value)
                                           : npu::json::quote(std::get<std::string_view>(given));
  status_ = fail(ErrorCode::kInvalidArgument,
                 fmt::format("{} (default {})", npu::json::must_be(name, right, got), otherwise));
}

void Fields::text(std::string_view name, std::string& target) {
  const Given given = find(name);
  if (const auto* text = std::get_if<std::string_view>(&given)) {
    target = *text;
  } else if (given.index() != 0) {
    wrong(name, "a string", given, npu::json::quote(target));
  }
}

void Fields::flag(std::string_view name, bool& target) {
  const Given given = find(name);
  if (const auto* text = std::get_if<std::string_view>(&given)) {
    target = http::equals_ignoring_case(*text, "true");
  } else if (const auto* const* value = std::get_if<const json::value*>(&given)) {
    target = truth_of(**value);
  }
}

double Fields::read_number(std::string_view name, double otherwise, Range range, bool whole) {
  const Given given = find(name);
  std::optional<double> number;
  if (const auto* text = std::get_if<std::string_view>(&given)) {
    number = number_of(*text);
  } else if (const auto* const* value = std::get_if<const json::value*>(&given)) {
    number = npu::json::number_in(**value);
  } else {
    return otherwise;
  }
  const bool right = number && std::isfinite(*number) && *number >= range.min &&
                     *number <= range.max && (!whole || *number == std::trunc(*number));
  if (right) return *number;
  wrong(name, npu::json::kind_of_number(whole, range.min, range.max), given,
        fmt::to_string(otherwise));
  return otherwise;
}

std::size_t Fields::read_choice(std::string_view name, std::size_t otherwise,
                                std::span<const std::string_view> names) {
  const Given given = find(name);
  const auto* text = std::get_if<std::string_view>(&given);
  const auto found = text != nullptr ? std::ranges::find(names, *text) : names.end();
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  if (given.index() != 0) {
    wrong(name, fmt::format("one of {}", fmt::join(names, ", ")), given, names[otherwise]);
  }
  return otherwise;
}

}  // namespace npu::kit
