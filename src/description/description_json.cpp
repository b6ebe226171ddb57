#include "description/description_json.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "json/fields.hpp"

namespace npu {
namespace bj = boost::json;
using json::Fields;

namespace {

template <class Enum, std::size_t N>
void put_name(bj::object& to, std::string_view key, std::optional<Enum> value,
              const std::array<std::string_view, N>& names) {
  if (value) to[key] = names.at(static_cast<std::size_t>(*value));
}

void put(bj::object& to, std::string_view key, std::optional<int> value) {
  if (value) to[key] = *value;
}

void put(bj::object& to, std::string_view key,
         const std::optional<InputDescription::Channels>& values) {
  if (values) to[key] = bj::array(values->begin(), values->end());
}

void put(bj::object& to, std::string_view key, const std::string& text) {
  if (!text.empty()) to[key] = text;
}

bj::object input_json(const InputDescription& input) {
  bj::object to;
  put_name(to, "layout", input.layout, kPixelLayoutNames);
  if (input.dtype) to["dtype"] = name_of(*input.dtype);
  put_name(to, "colour", input.colour, kPixelColourNames);
  put_name(to, "fit", input.fit, kPictureFitNames);
  put(to, "padding", input.padding);
  put(to, "width", input.width);
  put(to, "height", input.height);
  put(to, "step", input.step);
  put(to, "max_side", input.max_side);
  put(to, "channels", input.channels);
  put(to, "mean", input.mean);
  put(to, "std", input.std);
  return to;
}

template <class Enum, std::size_t N>
std::optional<Enum> named(Fields& in, std::string_view key,
                          const std::array<std::string_view, N>& names) {
  const auto name = in.text(key);
  if (!name) return std::nullopt;
  const auto found = std::ranges::find(names, *name);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  in.wrong(key, fmt::format("one of {}", fmt::join(names, ", ")));
  return std::nullopt;
}

std::optional<int> whole(Fields& in, std::string_view key, int min, int max) {
  const auto value = in.integer(key, min, max);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<InputDescription::Channels> channels_in(Fields& in, std::string_view key,
                                                      bool above_zero) {
  const auto* list = in.list(key);
  if (list == nullptr) return std::nullopt;
  InputDescription::Channels values{};
  bool right = list->size() == values.size();
  for (std::size_t i = 0; right && i < values.size(); ++i) {
    const auto number = json::number_in((*list)[i]);
    right = number && (*number > 0 || !above_zero);
    values.at(i) = number.value_or(0);
  }
  if (right) return values;
  in.wrong(key, fmt::format("a list of {} numbers{}", values.size(),
                            above_zero ? ", each above 0" : ""));
  return std::nullopt;
}

Result<InputDescription> input_in(const bj::object& object) {
  Fields in(object, ErrorCode::kMalformed, "input.");
  InputDescription input;
  input.layout = named<PixelLayout>(in, "layout", kPixelLayoutNames);
  if (const auto name = in.text("dtype")) {
    input.dtype = dtype_from_name(*name);
    if (!input.dtype) in.wrong("dtype", "the name of a type");
  }
  input.colour = named<PixelColour>(in, "colour", kPixelColourNames);
  input.fit = named<PictureFit>(in, "fit", kPictureFitNames);
  input.padding = whole(in, "padding", 0, 255);
  input.width = whole(in, "width", 1, kMaxPictureSide);
  input.height = whole(in, "height", 1, kMaxPictureSide);
  input.step = whole(in, "step", 1, kMaxPictureSide);
  input.max_side = whole(in, "max_side", 1, kMaxPictureSide);
  input.channels = whole(in, "channels", 1, kMaxPictureChannels);
  input.mean = channels_in(in, "mean", false);
  input.std = channels_in(in, "std", true);
  if (!in.status()) return fail(in.status().error());
  return input;
}

void read_labels(Fields& in, ModelDescription& description) {
  const auto* value = in.find("labels");
  if (value == nullptr) return;
  if (const auto* list = value->if_array(); list != nullptr && list->size() <= kMaxLabels) {
    for (const auto& label : *list) {
      const auto* text = label.if_string();
      if (text == nullptr || text->size() > kMaxLabelBytes) {
        return in.wrong("labels", fmt::format("texts of at most {} bytes", kMaxLabelBytes));
      }
      description.labels.emplace_back(*text);
    }
  } else if (const auto* set = value->if_string()) {
    description.label_set = *set;
  } else {
    in.wrong("labels", fmt::format("a set's name or a list of at most {}", kMaxLabels));
  }
}

}  // namespace

bj::value labels_json(const ModelDescription& description) {
  if (!description.label_set.empty()) return bj::value(description.label_set);
  if (description.labels.empty()) return nullptr;
  return bj::array(description.labels.begin(), description.labels.end());
}

bj::object to_json(const ModelDescription& description) {
  bj::object to;
  put(to, "family", description.family);
  put(to, "head", description.head);
  if (auto labels = labels_json(description); !labels.is_null()) to["labels"] = std::move(labels);
  if (auto input = input_json(description.input); !input.empty()) to["input"] = std::move(input);
  return to;
}

Result<ModelDescription> description_from_json(const bj::object& object) {
  Fields in(object, ErrorCode::kMalformed);
  ModelDescription description;
  description.family = in.text("family").value_or("");
  description.head = in.text("head").value_or("");
  read_labels(in, description);
  if (const auto* input = in.object("input")) {
    auto read = input_in(*input);
    if (!read) return fail(read.error());
    description.input = *read;
  }
  if (!in.status()) return fail(in.status().error());
  return description;
}

}  // namespace npu
