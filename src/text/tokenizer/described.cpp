#include "text/tokenizer/described.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "json/fields.hpp"
#include "json/text_prefix.hpp"

namespace npu::text {

namespace bj = boost::json;

std::string_view type_of(const bj::value& described) {
  const auto* object = described.if_object();
  return object == nullptr ? std::string_view() : text_in(*object, "type");
}

bool flag(const bj::object& in, std::string_view name, bool otherwise) {
  const auto* value = in.if_contains(name);
  return value != nullptr && value->is_bool() ? value->get_bool() : otherwise;
}

std::string_view text_in(const bj::object& in, std::string_view name, std::string_view otherwise) {
  const auto* value = in.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : otherwise;
}

std::int64_t number_in(const bj::object& in, std::string_view name, std::int64_t otherwise) {
  const auto* value = in.if_contains(name);
  if (value == nullptr) return otherwise;
  return json::integer_in(*value).value_or(otherwise);
}

Result<Pattern> pattern_in(const bj::object& in, std::string_view name) {
  const auto* value = in.if_contains(name);
  const auto* object = value == nullptr ? nullptr : value->if_object();
  if (object != nullptr && object->contains("String")) {
    return Pattern::from_text(std::string(text_in(*object, "String")));
  }
  if (object != nullptr && object->contains("Regex")) {
    return Pattern::from_regex(text_in(*object, "Regex"));
  }
  return fail(ErrorCode::kMalformed,
              fmt::format("{} must be {{\"String\": …}} or {{\"Regex\": …}}", name));
}

tl::unexpected<Error> unknown_part(std::string_view what, const bj::value& described) {
  const std::string text(utf8_prefix(json::text_prefix(described, 128), 128));
  return fail(ErrorCode::kUnsupported, fmt::format("the {} {} of this tokenizer is not known here",
                                                   what, for_terminal(text)));
}

}  // namespace npu::text
