#include "services/clip/classify_options.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/fields.hpp"
#include "json/parse.hpp"

namespace npu::clip {
namespace json = boost::json;
namespace {

constexpr int kMaxTopK = 100'000;
constexpr std::array<std::string_view, 3> kScoreModeNames{"auto", "cosine", "softmax"};

tl::unexpected<Error> wrong(std::string_view name, std::string_view right, std::string_view got) {
  return fail(ErrorCode::kInvalidArgument, npu::json::must_be(name, right, got));
}

// The field where it is JSON, or the JSON in its text; nothing where it is absent.
Result<std::optional<json::value>> value_of(kit::Fields& fields, std::string_view name) {
  if (const auto* value = fields.value(name)) return std::optional(*value);
  std::string text;
  fields.text(name, text);
  if (!fields.status()) return fail(fields.status().error());
  if (text.empty()) return std::optional<json::value>();
  auto value = npu::json::parse(text, npu::json::kOfHttpBodies);
  if (!value) return wrong(name, "a list of texts, as JSON", npu::json::quote(text));
  return std::optional(std::move(*value));
}

}  // namespace

Status read_texts(kit::Fields& fields, std::string_view name, std::size_t least,
                  std::vector<std::string>& target) {
  const auto value = value_of(fields, name);
  if (!value) return fail(value.error());
  if (!*value) return {};
  const auto* list = (*value)->if_array();
  if (list == nullptr) return wrong(name, "a list of texts", npu::json::quote(**value));
  if (list->size() < least) {
    return wrong(name, fmt::format("a list of at least {} text", least), "an empty list");
  }
  target.clear();
  target.reserve(list->size());
  for (const json::value& one : *list) {
    const std::string place = fmt::format("{}.{}", name, target.size());
    const auto* text = one.if_string();
    if (text == nullptr) return wrong(place, "a text", npu::json::quote(one));
    if (auto ok = check_text(place, *text); !ok) return ok;
    target.emplace_back(*text);
  }
  return {};
}

Status read_templates(kit::Fields& fields, std::vector<std::string>& templates) {
  if (auto read = read_texts(fields, "templates", 0, templates); !read) return read;
  for (std::size_t i = 0; i < templates.size(); ++i) {
    if (auto ok = check_template(fmt::format("templates.{}", i), templates[i]); !ok) return ok;
  }
  return {};
}

Status read_options(kit::Fields& fields, std::size_t max_texts, ClassifyOptions& options) {
  if (auto read = read_texts(fields, "prompts", 1, options.prompts); !read) return read;
  if (options.prompts.empty()) {
    return fail(ErrorCode::kInvalidArgument, "Missing 'prompts' field: a list of texts");
  }
  if (auto read = read_templates(fields, options.templates); !read) return read;
  const std::size_t count =
      options.prompts.size() * std::max<std::size_t>(1, options.templates.size());
  if (count > max_texts) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("prompts must be at most {} texts, each in each of the templates, got "
                            "{}",
                            max_texts, count));
  }
  auto top_k = static_cast<std::int64_t>(options.scores.top_k);
  fields.number("top_k", top_k, {.min = 0, .max = kMaxTopK});
  options.scores.top_k = static_cast<std::size_t>(top_k);
  fields.number("threshold", options.scores.threshold, {.min = -1, .max = 1});
  fields.choice("score_mode", options.scores.mode, kScoreModeNames);
  return fields.status();
}

}  // namespace npu::clip
