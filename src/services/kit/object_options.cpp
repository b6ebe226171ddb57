#include "services/kit/object_options.hpp"

#include <algorithm>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "http/headers.hpp"
#include "json/fields.hpp"

namespace npu::kit {
namespace {

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

// The field `classes`, each once. Left as it is where the field names none.
Status read_classes(Fields& fields, const Labels& labels, std::vector<int>& classes) {
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

Status read_object_options(Fields& fields, const Labels& labels, ObjectOptions& options) {
  fields.number("threshold", options.threshold, kShare);
  fields.number("iou_threshold", options.iou_threshold, kShare);
  fields.number("max_detections", options.max_detections, {.min = 1, .max = kMaxObjects});
  fields.flag("agnostic", options.agnostic);
  fields.choice("format", options.format, kObjectFormatNames);
  fields.number("image_id", options.image_id);
  return read_classes(fields, labels, options.classes);
}

}  // namespace npu::kit
