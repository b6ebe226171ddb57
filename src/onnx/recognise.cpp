#include "onnx/recognise.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "onnx/recognise_faces.hpp"

namespace npu::onnx {
namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};
constexpr std::int64_t kBoxRow = 6;
constexpr std::int64_t kBoxSides = 4;
constexpr std::int64_t kPoseValues = 51;  // of COCO's 17 key points
constexpr int kCocoClasses = 80;

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

// The whole numbers of "[640, 640]", or of "640".
std::vector<int> numbers_in(std::string_view text) {
  std::vector<int> numbers;
  for (std::size_t i = 0; i < text.size() && numbers.size() < 4;) {
    int number = 0;
    const auto read = std::from_chars(text.data() + i, text.data() + text.size(), number);
    if (read.ec == std::errc()) {
      numbers.push_back(number);
      i = static_cast<std::size_t>(read.ptr - text.data());
    } else {
      ++i;
    }
  }
  return numbers;
}

bool is_side(int number) { return number >= 1 && number <= kMaxPictureSide; }

using Picture = GraphPicture;

std::optional<Picture> picture_of(const OnnxFile& file) {
  if (file.inputs.size() != 1 || file.inputs[0].shape.size() != 4) return {};
  const Shape& shape = file.inputs[0].shape;
  const auto is_channels = [](std::int64_t side) { return side == 1 || side == 3; };
  const bool first = is_channels(shape[1]);
  if (!first && !is_channels(shape[3])) return {};
  const auto side = [](std::int64_t length) {
    return length > 0 && length <= kMaxPictureSide ? static_cast<int>(length) : 0;
  };
  return first ? Picture{PixelLayout::kNchw, side(shape[3]), side(shape[2]),
                         static_cast<int>(shape[1])}
               : Picture{PixelLayout::kNhwc, side(shape[2]), side(shape[1]),
                         static_cast<int>(shape[3])};
}

std::int64_t cells_of(int width, int height) {
  std::int64_t cells = 0;
  for (const int stride : kStrides) cells += std::int64_t{width / stride} * (height / stride);
  return cells;
}

// (batch, rows, columns) of an output.
struct Table {
  std::int64_t rows = kFreeSide;
  std::int64_t columns = kFreeSide;
};
std::optional<Table> table_of(const OnnxFile& file, std::size_t output) {
  if (output >= file.outputs.size() || file.outputs[output].shape.size() != 3) return {};
  return Table{file.outputs[output].shape[1], file.outputs[output].shape[2]};
}

// RGB in 0..1, letterboxed: what all of Ultralytics' networks take.
void describe_ultralytics_input(const Picture& picture, InputDescription& input) {
  input.layout = picture.layout;
  input.colour = picture.channels == 1 ? PixelColour::kGrey : PixelColour::kRgb;
  input.channels = picture.channels;
  input.mean = every_channel(0);
  input.std = every_channel(255);
  input.fit = PictureFit::kLetterbox;
  input.padding = kUsualPadding;
  input.width = picture.width > 0 ? picture.width : kUsualSide;
  input.height = picture.height > 0 ? picture.height : kUsualSide;
}

// classes: of the metadata; 0: it does not say.
std::string ultralytics_head(const OnnxFile& file, const InputDescription& input, int classes) {
  const auto table = table_of(file, 0);
  if (!table) return {};
  const std::string_view args = file.meta("args");
  const bool suppressed =
      file.meta("end2end") == "True" || args.find("'nms': True") != std::string_view::npos;
  if (suppressed) return "boxes";
  const std::int64_t cells = cells_of(*input.width, *input.height);
  if (table->columns == cells) return "decoded";
  if (table->rows == 3 * cells) return "yolov5";
  if (table->columns == kBoxRow) return "boxes";
  // With free sides the one that is fixed tells: 4 and classes, or 5 and classes.
  if (table->columns == kFreeSide && table->rows >= kBoxSides + classes) return "decoded";
  if (table->rows == kFreeSide && table->columns >= kBoxSides + 1 + classes) return "yolov5";
  return {};
}

Recognised ultralytics(const OnnxFile& file, const Picture& picture) {
  Recognised found;
  const std::string task = file.meta("task").empty() ? "detect" : trimmed(file.meta("task"));
  const bool known = task == "detect" || task == "pose" || task == "segment";
  found.as = fmt::format("an export of Ultralytics for {}{}", task,
                         known ? "" : ", which no service here answers");
  if (!known) return found;
  ModelDescription& model = found.description;
  model.family = task;
  model.labels = labels_in_python(file.meta("names"));
  describe_ultralytics_input(picture, model.input);
  const auto size = numbers_in(file.meta("imgsz"));
  if (!size.empty() && std::ranges::all_of(size, is_side)) {
    if (picture.height == 0) model.input.height = size.front();
    if (picture.width == 0) model.input.width = size.back();
  }
  model.head = ultralytics_head(file, model.input, static_cast<int>(model.labels.size()));
  return found;
}

// An export without metadata: only shapes tell, and only those that nothing else has.
Recognised by_shape(const OnnxFile& file, const Picture& picture) {
  Recognised found;
  const auto table = table_of(file, 0);
  if (!table || picture.layout != PixelLayout::kNchw) return found;
  const int width = picture.width > 0 ? picture.width : kUsualSide;
  const int height = picture.height > 0 ? picture.height : kUsualSide;
  const std::int64_t cells = cells_of(width, height);
  ModelDescription& model = found.description;
  const bool alone = file.outputs.size() == 1;
  if (alone && table->rows == cells && table->columns > 5 && file.outputs[0].name == "output") {
    found.as = "an export of YOLOX";
    model.family = "detect";
    model.head = "yolox";
    if (table->columns == 5 + kCocoClasses) model.label_set = "coco80";
    describe_ultralytics_input(picture, model.input);
    model.input.colour = PixelColour::kBgr;
    model.input.std = every_channel(1);
    model.input.fit = PictureFit::kCorner;
    return found;
  }
  const bool masks = file.outputs.size() == 2 && file.outputs[1].shape.size() == 4;
  const std::int64_t coefficients = masks ? file.outputs[1].shape[1] : 0;
  if (table->columns != cells || table->rows <= kBoxSides + coefficients || (!alone && !masks)) {
    return found;
  }
  model.family = masks ? "segment" : "detect";
  if (alone && table->rows == kBoxSides + 1 + kPoseValues) model.family = "pose";
  found.as = fmt::format("an export of Ultralytics for {}, by its shapes", model.family);
  model.head = "decoded";
  if (table->rows - kBoxSides - coefficients == kCocoClasses) model.label_set = "coco80";
  describe_ultralytics_input(picture, model.input);
  return found;
}

bool is_named(const GraphTensor& output, std::string_view name) {
  return std::string_view(output.name).starts_with(name);
}

Recognised tensorflow(const OnnxFile& file, const Picture& picture) {
  Recognised found;
  for (const std::string_view name :
       {"detection_boxes", "detection_classes", "detection_scores", "num_detections"}) {
    const auto has = [&](const GraphTensor& output) { return is_named(output, name); };
    if (!std::ranges::any_of(file.outputs, has)) return found;
  }
  found.as = "a detector of TensorFlow";
  found.description.family = "detect";
  found.description.head = "ssd";
  found.description.label_set = "coco90";  // which nearly all of them were trained with
  InputDescription& input = found.description.input;
  input.layout = picture.layout;
  input.colour = PixelColour::kRgb;
  input.mean = every_channel(0);
  input.std = every_channel(1);
  input.fit = PictureFit::kStretch;
  input.width = picture.width > 0 ? picture.width : kUsualSide;
  input.height = picture.height > 0 ? picture.height : kUsualSide;
  return found;
}

// A quoted text with Python's escapes for quotes and backslashes, from its opening quote on.
std::optional<std::string> quoted(std::string_view& text) {
  const char quote = text.front();
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      text.remove_prefix(i + 1);
      return out;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    if (out.size() < kMaxLabelBytes) out += text[i];
  }
  return std::nullopt;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == ',' || text.front() == '\n')) {
    text.remove_prefix(1);
  }
}

// "12:" before a value of a dict.
std::optional<std::size_t> key_in(std::string_view& text) {
  std::size_t key = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), key);
  if (read.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  skip_blanks(text);
  if (text.empty() || text.front() != ':') return std::nullopt;
  text.remove_prefix(1);
  skip_blanks(text);
  return key;
}

}  // namespace

std::vector<std::string> labels_in_python(std::string_view text) {
  const std::string all_of_it = trimmed(text);
  std::string_view rest = all_of_it;
  if (rest.size() < 2) return {};
  const bool dict = rest.front() == '{' && rest.back() == '}';
  if (!dict && !(rest.front() == '[' && rest.back() == ']')) return {};
  rest = rest.substr(1, rest.size() - 2);
  std::vector<std::string> labels;
  for (skip_blanks(rest); !rest.empty(); skip_blanks(rest)) {
    const auto key = dict ? key_in(rest) : std::optional(labels.size());
    if (!key || *key >= kMaxLabels || rest.empty()) return {};
    if (rest.front() != '\'' && rest.front() != '"') return {};
    auto label = quoted(rest);
    if (!label) return {};
    for (std::size_t i = labels.size(); i <= *key; ++i)
      labels.push_back(fmt::format("class {}", i));
    if (!label->empty()) labels[*key] = std::move(*label);
  }
  return labels;
}

Recognised recognise(const OnnxFile& file) {
  const auto picture = picture_of(file);
  if (!picture || file.outputs.empty()) {
    Recognised found;
    if (file.inputs.size() == 1) found = tensorflow(file, Picture{PixelLayout::kNhwc});
    return found;
  }
  if (!file.meta("stride").empty() && !file.meta("names").empty()) {
    return ultralytics(file, *picture);
  }
  Recognised found = tensorflow(file, *picture);
  if (found.as.empty()) found = recognise_faces(file, *picture);
  return found.as.empty() ? by_shape(file, *picture) : found;
}

}  // namespace npu::onnx
