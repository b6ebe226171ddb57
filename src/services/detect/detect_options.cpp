#include "services/detect/detect_options.hpp"

#include <algorithm>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "http/headers.hpp"
#include "json/fields.hpp"

namespace npu::detect {
namespace {

constexpr kit::Range kShare{.min = 0, .max = 1};

tl::unexpected<Error> no_class(std::string_view name) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("classes: the model knows no \"{}\"; /v1/info lists what it knows",
                          name.substr(0, 100)));
}

Status add_class(std::string_view name, const Labels& labels, std::vector<int>& classes) {
  const auto label = labels.find(http::trim(name));
  if (!label) return no_class(name);
  classes.push_back(*label);
  return {};
}

Status read_class_array(const boost::json::array& names, const Labels& labels,
                        std::vector<int>& classes) {
  for (const auto& name : names) {
    const auto* text = name.if_string();
    if (text == nullptr) return no_class(npu::json::quote(name));
    if (auto added = add_class(*text, labels, classes); !added) return added;
  }
  return {};
}

Status read_class_text(std::string_view text, const Labels& labels, std::vector<int>& classes) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (auto added = add_class(text.substr(0, end), labels, classes); !added) return added;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

Status read_classes(kit::Fields& fields, const Labels& labels, std::vector<int>& classes) {
  Status read;
  std::vector<int> wanted;
  const auto* value = fields.value("classes");
  if (value != nullptr && value->is_array()) {
    read = read_class_array(value->get_array(), labels, wanted);
  } else {
    std::string text;
    fields.text("classes", text);
    read = read_class_text(text, labels, wanted);
  }
  if (!read) return read;
  std::ranges::sort(wanted);
  const auto rest = std::ranges::unique(wanted);
  wanted.erase(rest.begin(), rest.end());
  if (!wanted.empty()) classes = std::move(wanted);
  return {};
}

}  // namespace

Status read_options(kit::Fields& fields, const Labels& labels, DetectOptions& options) {
  fields.number("threshold", options.threshold, kShare);
  fields.number("iou_threshold", options.iou_threshold, kShare);
  fields.number("max_detections", options.max_detections, {.min = 1, .max = kMaxDetections});
  fields.flag("agnostic", options.agnostic);
  fields.choice("format", options.format, kFormatNames);
  fields.number("image_id", options.image_id);
  if (auto classes = read_classes(fields, labels, options.classes); !classes) return classes;
  return fields.status();
}

Status read_deepstack_options(kit::Fields& fields, DetectOptions& options) {
  fields.number("min_confidence", options.threshold, kShare);
  return fields.status();
}

}  // namespace npu::detect
