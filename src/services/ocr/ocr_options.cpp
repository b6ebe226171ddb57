#include "services/ocr/ocr_options.hpp"

#include <fmt/format.h>

#include "http/headers.hpp"
#include "json/fields.hpp"

namespace npu::ocr {
namespace json = boost::json;
namespace {

constexpr std::size_t kLongestLanguage = 32;

tl::unexpected<Error> wrong_languages(std::string_view got) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("languages must be a list of at most {} names such as [\"en\"], got {}",
                          kMaxLanguages, got));
}

Status add(std::vector<std::string>& languages, std::string_view name) {
  if (name.empty() || name.size() > kLongestLanguage || languages.size() == kMaxLanguages) {
    return wrong_languages(npu::json::quote(json::value(name)));
  }
  languages.emplace_back(name);
  return {};
}

Status read_list(const json::array& list, std::vector<std::string>& languages) {
  for (const json::value& name : list) {
    const auto* text = name.if_string();
    if (text == nullptr) return wrong_languages(npu::json::quote(name));
    if (auto added = add(languages, *text); !added) return added;
  }
  return {};
}

Status read_text(std::string_view text, std::vector<std::string>& languages) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (auto added = add(languages, http::trim(text.substr(0, end))); !added) return added;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

Status read_languages(kit::Fields& fields, std::vector<std::string>& languages) {
  std::vector<std::string> read;
  const json::value* value = fields.value("languages");
  if (value != nullptr && value->is_array()) {
    if (auto list = read_list(value->get_array(), read); !list) return list;
  } else if (value != nullptr && !value->is_string()) {
    return wrong_languages(npu::json::quote(*value));
  } else {
    std::string text;
    fields.text("languages", text);
    if (auto list = read_text(text, read); !list) return list;
  }
  if (!read.empty()) languages = std::move(read);
  return {};
}

}  // namespace

Status read_options(kit::Fields& fields, OcrOptions& options) {
  constexpr kit::Range kShare{.min = 0, .max = 1};
  if (auto languages = read_languages(fields, options.languages); !languages) return languages;
  fields.choice("format", options.format, kFormatNames);
  fields.number("det_threshold", options.map.pixel_threshold, kShare);
  fields.number("box_threshold", options.map.box_threshold, kShare);
  fields.number("unclip_ratio", options.map.unclip_ratio, {.min = 0, .max = 10});
  fields.number("rec_threshold", options.rec_threshold, kShare);
  fields.flag("classify_angle", options.classify_angle);
  return fields.status();
}

}  // namespace npu::ocr
