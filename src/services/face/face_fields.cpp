#include "services/face/face_fields.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "http/json_body.hpp"
#include "http/multipart.hpp"
#include "http/url_text.hpp"

namespace npu::face {
namespace json = boost::json;
namespace {

tl::unexpected<Error> no_box(std::string_view name) {
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{} must be [x, y, width, height] in pixels, width and height above 0", name));
}

// Of whatever form the body is.
Result<std::string> text_in(const http::Request& request, std::string_view name) {
  const auto text = [name](kit::Fields fields) { return needed_text(fields, name); };
  const std::string type = request.content_type();
  if (type == "multipart/form-data") {
    const auto form = http::Multipart::of(request);
    if (!form) return fail(form.error());
    return text(kit::Fields(*form));
  }
  if (type == "application/x-www-form-urlencoded" && !request.body.view().starts_with('{')) {
    const auto form = http::Query::parse(request.body);
    if (!form) return fail(form.error());
    return text(kit::Fields(*form));
  }
  const auto body = http::parse_json(request.body);
  if (!body) return fail(body.error());
  static const json::object kNothing;
  const json::object* const object = body->if_object();
  return text(kit::Fields(object != nullptr ? *object : kNothing));
}

}  // namespace

Result<std::optional<kit::Box>> read_box(const kit::Fields& fields, std::string_view name) {
  json::value parsed;
  const json::value* value = fields.value(name);
  if (value == nullptr || value->is_string()) {
    std::string text;
    kit::Fields copy = fields;
    copy.text(name, text);
    if (text.empty()) return std::nullopt;
    auto read = http::parse_json(text);
    if (!read) return no_box(name);
    parsed = std::move(*read);
    value = &parsed;
  }
  const json::array* const list = value->if_array();
  if (list == nullptr || list->size() != 4) return no_box(name);
  std::array<double, 4> numbers{};
  for (std::size_t i = 0; i < 4; ++i) {
    const json::value& one = list->at(i);
    if (!one.is_number()) return no_box(name);
    numbers.at(i) = one.to_number<double>();
    if (!std::isfinite(numbers.at(i)) || std::abs(numbers.at(i)) > 1e6) return no_box(name);
  }
  const auto [x, y, width, height] = numbers;
  if (!(width > 0 && height > 0)) return no_box(name);
  return kit::Box{{x, y}, {x + width, y + height}};
}

Result<std::string> needed_text(kit::Fields& fields, std::string_view name) {
  std::string text;
  fields.text(name, text);
  if (const Status read = fields.status(); !read) return fail(read.error());
  if (!text.empty()) return text;
  return fail(ErrorCode::kInvalidArgument, fmt::format("Missing '{}' field", name));
}

http::awaitable<Result<std::string>> needed_text(http::WorkPool& pool, const http::Request& request,
                                                 std::string_view name) {
  co_return co_await http::on(pool, [&] { return text_in(request, name); }, request.turn());
}

}  // namespace npu::face
