#include "services/ocr/networks.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "json/fields.hpp"
#include "vision/text_head.hpp"

namespace npu::ocr {
namespace bj = boost::json;
using json::Fields;

namespace {

constexpr int kMaxSide = 16384;
// A Chinese network has this one among its 6,000 characters.
constexpr std::string_view kChineseCharacter = "的";

int number(Fields& in, std::string_view key, int otherwise) {
  return static_cast<int>(in.integer(key, 1, kMaxSide).value_or(otherwise));
}

// Height and width of a picture of three channels.
std::optional<media::Size> size_in(const bj::object& of, std::string_view key) {
  const auto* shape = Fields(of).list(key);
  if (shape == nullptr || shape->size() != 3) return std::nullopt;
  int sides[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const auto* side = (*shape)[i].if_int64();
    if (side == nullptr || *side < 1 || *side > kMaxSide) return std::nullopt;
    sides[i] = static_cast<int>(*side);
  }
  if (sides[2] != 3) return std::nullopt;
  return media::Size{sides[1], sides[0]};
}

std::int64_t classes_in(const bj::object& recogniser) {
  const auto* outputs = Fields(recogniser).list("outputs");
  if (outputs == nullptr || outputs->size() != 1 || !outputs->front().is_object()) return 0;
  const auto* shape = Fields(outputs->front().get_object()).list("shape");
  if (shape == nullptr || shape->empty()) return 0;
  const auto* classes = shape->back().if_int64();
  return classes != nullptr ? *classes : 0;
}

std::vector<std::string> labels_in(const bj::object& recogniser) {
  std::vector<std::string> labels;
  const auto* list = Fields(recogniser).list("labels");
  if (list == nullptr) return labels;
  labels.reserve(list->size() + 1);
  for (const bj::value& label : *list) {
    const auto* text = label.if_string();
    labels.emplace_back(text != nullptr ? std::string_view(*text) : std::string_view());
  }
  return labels;
}

bool has(const vision::Alphabet& alphabet, std::string_view character) {
  for (std::size_t i = 1; i < alphabet.classes(); ++i) {
    if (alphabet[i] == character) return true;
  }
  return false;
}

std::vector<std::string> languages_of(std::string_view name, const vision::Alphabet& alphabet) {
  std::vector<std::string> reads{std::string(name)};
  const auto add = [&](const char* language, std::string_view character) {
    if (name != language && has(alphabet, character)) reads.emplace_back(language);
  };
  add("en", "e");
  add("zh", kChineseCharacter);
  return reads;
}

Result<Recogniser> recogniser_in(std::string_view name, const bj::object& info) {
  const auto size = size_in(info, "input_shape");
  if (!size) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("the recogniser of {} takes no picture of three channels", name));
  }
  auto alphabet = vision::alphabet_of(classes_in(info), labels_in(info));
  if (!alphabet) {
    return fail(alphabet.error().code,
                fmt::format("the recogniser of {} {}", name, alphabet.error().message));
  }
  Fields in(info);
  Recogniser recogniser{.name = std::string(name), .height = size->height, .width = size->width};
  recogniser.step = number(in, "step", 0);
  recogniser.max_width = number(in, "max_width", size->width);
  recogniser.reads = languages_of(name, *alphabet);
  recogniser.alphabet = std::move(*alphabet);
  return recogniser;
}

}  // namespace

const Recogniser* Networks::reader_of(std::string_view language) const {
  const Recogniser* other = nullptr;
  for (const Recogniser& recogniser : recognisers) {
    if (recogniser.name == language) return &recogniser;
    const bool reads = std::ranges::find(recogniser.reads, language) != recogniser.reads.end();
    if (reads && other == nullptr) other = &recogniser;
  }
  return other;
}

Status Networks::check(const std::vector<std::string>& wanted) const {
  for (const std::string& language : wanted) {
    if (reader_of(language) != nullptr) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("languages: nothing here reads '{}'; there are {}", language,
                            fmt::join(languages(), ", ")));
  }
  return {};
}

std::vector<std::string> Networks::languages() const {
  std::vector<std::string> all;
  for (const Recogniser& recogniser : recognisers) {
    for (const std::string& language : recogniser.reads) {
      if (std::ranges::find(all, language) == all.end()) all.push_back(language);
    }
  }
  return all;
}

Result<Networks> Networks::of(const LoadedModel& model) {
  const auto* info = Fields(model.json).object("model_info");
  const auto detector = info != nullptr ? size_in(*info, "detection_input_shape") : std::nullopt;
  if (!detector) {
    return fail(ErrorCode::kUnsupported, "the detector takes no picture of three channels");
  }
  Networks networks;
  networks.detector.input = *detector;
  Fields in(*info);
  if (const auto* free = in.object("detection")) {
    Fields sides(*free);
    networks.detector.step = number(sides, "step", 0);
    networks.detector.max_side = number(sides, "max_side", 0);
  }
  const auto* recognition = in.object("recognition");
  if (recognition == nullptr || recognition->empty()) {
    return fail(ErrorCode::kUnsupported, "the device manager is too old to say what it recognises");
  }
  for (const auto& [name, value] : *recognition) {
    if (!value.is_object()) continue;
    auto recogniser = recogniser_in(name, value.get_object());
    if (!recogniser) return fail(recogniser.error());
    networks.recognisers.push_back(std::move(*recogniser));
  }
  if (const auto* classifier = in.object("classification")) {
    networks.classifier = size_in(*classifier, "input_shape");
  }
  return networks;
}

}  // namespace npu::ocr
