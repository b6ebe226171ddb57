#include "cli/model_check.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/head_check.hpp"
#include "onnx/external_data.hpp"
#include "onnx/onnx_file.hpp"
#include "onnx/picture_input.hpp"
#include "onnx/problems.hpp"
#include "onnx/recognise.hpp"
#include "store/hef_content.hpp"
#include "store/hef_header.hpp"

namespace npu::cli {
namespace {

constexpr const char* kYamlHelp = "(keys: docs/reference/catalogue.md)";

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::string yaml_of(const std::string& path) {
  return std::filesystem::path(path).filename().replace_extension(".yaml").string();
}

class Checker {
 public:
  Checker(const std::string& path, ModelCheck& check) : path_(path), check_(check) {}

  void row(std::string name, std::string text) {
    check_.rows.emplace_back(std::move(name), std::move(text));
  }
  void wrong(std::string text) { check_.findings.push_back({true, std::move(text)}); }
  void note(std::string text) { check_.findings.push_back({false, std::move(text)}); }

  // model: all that is known; by: who said it.
  void described(const ModelDescription& model, const std::string& by) {
    row("described by", by.empty() ? "nobody" : by);
    row("type", model.family.empty() ? "not said" : model.family);
    row("head", model.head.empty() ? "not said" : model.head);
    if (!model.label_set.empty()) {
      row("classes", model.label_set);
    } else if (!model.labels.empty()) {
      row("classes",
          fmt::format("{}: {}{}", model.labels.size(), fmt::join(first_labels(model.labels), ", "),
                      model.labels.size() > kShownLabels ? ", ..." : ""));
    } else {
      row("classes", "not said");
    }
    if (model.family.empty()) {
      note(
          fmt::format("nothing says which type of model it is: who loads it says so, or {} beside "
                      "it: \"family: detect\" {}",
                      yaml_of(path_), kYamlHelp));
    }
  }

  void picture(const onnx::GraphTensor& graph, const InputDescription& known) {
    const TensorSpec spec{graph.name, graph.dtype.value_or(DType::kInt64), graph.shape};
    const auto input = onnx::PictureInput::create(spec, known, file_name(path_));
    if (!input) return wrong(input.error().message);
    const Shape& hwc = input->picture().shape;
    takes({static_cast<int>(hwc[hwc.size() - 2]), static_cast<int>(hwc[hwc.size() - 3])});
    row("picture", fmt::format("{} x {}, {}{}, {}", input_.width, input_.height, colour_of(known),
                               scale_of(known), fit_of(known)));
    contradictions(graph, known);
  }

  void takes(media::Size input) { input_ = input; }

  void head(const ModelOutputs& outputs, const ModelDescription& model) {
    if (input_.width == 0) return;
    const auto head = head_of(model, outputs, input_);
    if (!head) return wrong(head.error().message);
    if (!*head) return;
    if (model.head.empty()) row("head by its shapes", std::string((*head)->name));
    const auto named = static_cast<int>(model.label_set == "coco80" ? 80 : model.labels.size());
    if ((*head)->classes > 0 && named > 0 && (*head)->classes != named) {
      wrong(fmt::format("its outputs have {} classes, and {} are named", (*head)->classes, named));
    }
  }

 private:
  static constexpr std::size_t kShownLabels = 5;

  static std::span<const std::string> first_labels(const std::vector<std::string>& labels) {
    return std::span(labels).first(std::min(labels.size(), kShownLabels));
  }
  static std::string_view colour_of(const InputDescription& known) {
    switch (known.colour.value_or(PixelColour::kRgb)) {
      case PixelColour::kRgb: return "RGB";
      case PixelColour::kBgr: return "BGR";
      case PixelColour::kGrey: return "grey";
    }
    return "";
  }
  static std::string scale_of(const InputDescription& known) {
    const auto mean = known.mean.value_or(InputDescription::Channels{});
    InputDescription::Channels ones{};
    ones.fill(1);
    const auto std = known.std.value_or(ones);
    std::string text;
    if (mean[0] != 0 || mean[1] != 0 || mean[2] != 0) {
      text += fmt::format(" - ({:g}, {:g}, {:g})", mean[0], mean[1], mean[2]);
    }
    if (std[0] == std[1] && std[1] == std[2]) {
      if (std[0] != 1) text += fmt::format(" / {:g}", std[0]);
    } else {
      text += fmt::format(" / ({:g}, {:g}, {:g})", std[0], std[1], std[2]);
    }
    return text;
  }
  static std::string fit_of(const InputDescription& known) {
    const int padding = known.padding.value_or(kUsualPadding);
    switch (known.fit.value_or(PictureFit::kLetterbox)) {
      case PictureFit::kLetterbox: return fmt::format("letterboxed, {} beside it", padding);
      case PictureFit::kCorner:
        return fmt::format("in the upper left corner, {} beside it", padding);
      case PictureFit::kStretch: return "stretched";
    }
    return "";
  }

  // Where the graph is right and what is said of it is not.
  void contradictions(const onnx::GraphTensor& graph, const InputDescription& known) {
    const auto differs = [](std::optional<int> said, int is) { return said && *said != is; };
    if (differs(known.width, input_.width) || differs(known.height, input_.height)) {
      note(fmt::format("it takes {} x {}, not the {} x {} that are said of it", input_.width,
                       input_.height, known.width.value_or(input_.width),
                       known.height.value_or(input_.height)));
    }
    if (known.dtype && graph.dtype && *known.dtype != *graph.dtype) {
      note(fmt::format("it takes {}, not the {} that is said of it", name_of(*graph.dtype),
                       name_of(*known.dtype)));
    }
  }

  const std::string& path_;
  ModelCheck& check_;
  media::Size input_{0, 0};  // of pictures
};

// Sides without those in front that say how many go in at once.
std::span<const std::int64_t> without_count(std::span<const std::int64_t> shape, std::size_t rank) {
  while (shape.size() > rank && (shape.front() == 1 || shape.front() == onnx::kFreeSide)) {
    shape = shape.subspan(1);
  }
  return shape;
}

// Of CLIP: a row for each token and no picture.
bool is_text_encoder(const ModelDescription& model, const onnx::GraphTensor& input) {
  return model.family == "clip" && input.dtype == DType::kFloat32 &&
         without_count(input.shape, 2).size() == 2;
}

// A row for each token goes in, and one comes out.
void check_text_encoder(const Shape& in, std::span<const Shape> outputs, Checker& checker) {
  const auto takes = without_count(in, 2);
  const auto gives = outputs.size() == 1 ? without_count(outputs[0], 2) : takes.first(0);
  if (gives.size() == 2 && gives[0] == takes[0]) return;
  checker.wrong(fmt::format(
      "a text encoder gives one output with a row for each of its {} tokens; this one gives {}",
      takes[0],
      outputs.size() == 1 ? fmt::format("({})", fmt::join(outputs[0], ", "))
                          : fmt::format("{} outputs", outputs.size())));
}

void check_graph(const onnx::OnnxFile& file, const ModelDescription& model, Checker& checker) {
  if (const auto why = onnx::why_refused(file)) checker.wrong(*why);
  if (const auto why = onnx::why_blind(file, model)) checker.wrong(*why);
  for (const auto& output : file.outputs) {
    if (output.dtype == DType::kFloat32 || output.dtype == DType::kFloat16) continue;
    checker.wrong(fmt::format("its output '{}' is {}; services take float32 and float16",
                              output.name, onnx::describe(output)));
  }
  if (file.inputs.size() != 1) {
    return checker.wrong(
        fmt::format("it has {} inputs; a model of pictures has one", file.inputs.size()));
  }
  if (!file.inputs[0].dtype) return checker.wrong("its input has a type that no tensor here has");
  if (is_text_encoder(model, file.inputs[0])) {
    std::vector<Shape> shapes;
    shapes.reserve(file.outputs.size());
    for (const auto& output : file.outputs) shapes.push_back(output.shape);
    return check_text_encoder(file.inputs[0].shape, shapes, checker);
  }
  checker.picture(file.inputs[0], model.input);
  ModelOutputs outputs;
  for (const auto& output : file.outputs) {
    const bool free = std::ranges::find(output.shape, onnx::kFreeSide) != output.shape.end();
    if (!output.shaped || (free && !has_free_head(model))) {
      return checker.note(
          fmt::format("shapes of its outputs are free: whether they are a head shows when it is "
                      "loaded (hailoctl load --type {})",
                      model.family.empty() ? "detect" : model.family));
    }
    outputs.floats.push_back({output.shape, {}, output.name});
  }
  checker.head(outputs, model);
}

// As the manager hands them on: boxes as rows of six.
void check_content(const store::HefContent& content, const ModelDescription& model,
                   Checker& checker) {
  if (content.groups.size() != 1 || content.groups[0].inputs.size() != 1) return;
  const store::HefGroup& group = content.groups[0];
  const auto& picture = group.inputs[0].shape;
  if (model.family == "clip" && model.head == "token-features") {
    std::vector<Shape> shapes;
    shapes.reserve(group.outputs.size());
    for (const auto& output : group.outputs) {
      shapes.emplace_back(output.shape.begin(), output.shape.end());
    }
    return check_text_encoder({picture.begin(), picture.end()}, shapes, checker);
  }
  checker.takes({static_cast<int>(picture[1]), static_cast<int>(picture[0])});
  ModelOutputs outputs;
  std::vector<Shape> shapes;
  shapes.reserve(group.outputs.size());
  for (const store::HefTensor& output : group.outputs) {
    if (output.boxes) {
      const auto rows =
          std::max(output.boxes->total, output.boxes->classes * output.boxes->per_class);
      shapes.push_back({static_cast<std::int64_t>(rows), 6});
      outputs.bytes = outputs.bytes || output.boxes->mask_bytes > 0;
    } else {
      shapes.emplace_back(output.shape.begin(), output.shape.end());
    }
    outputs.floats.push_back({shapes.back(), {}, output.name});
  }
  checker.head(outputs, model);
}

std::string shape_text(const store::HefTensor& tensor) {
  if (tensor.boxes) return fmt::format("boxes of {} classes", tensor.boxes->classes);
  return fmt::format("{} {} ({})", tensor.type, tensor.order, fmt::join(tensor.shape, ", "));
}

}  // namespace

bool ModelCheck::fine() const {
  return std::ranges::none_of(findings, [](const ModelFinding& one) { return one.wrong; });
}

boost::json::object ModelCheck::json() const {
  boost::json::object out;
  for (const auto& [name, text] : rows) {
    std::string key = name;
    std::ranges::replace(key, ' ', '_');
    auto& value = out[key];
    if (value.is_null()) {
      value = text;
    } else {
      if (!value.is_array()) value = boost::json::array{value};
      value.get_array().emplace_back(text);
    }
  }
  boost::json::array wrong;
  boost::json::array notes;
  for (const auto& finding : findings) (finding.wrong ? wrong : notes).emplace_back(finding.text);
  out["wrong"] = std::move(wrong);
  out["notes"] = std::move(notes);
  return out;
}

ModelCheck check_onnx(const std::string& path, std::span<const std::byte> file,
                      const store::Described& said) {
  ModelCheck check;
  Checker checker(path, check);
  if (const auto why = onnx::not_onnx_because(file)) {
    checker.wrong(*why);
    return check;
  }
  if (auto whole = onnx::refuse_external_data(file, file_name(path)); !whole) {
    checker.wrong(whole.error().message);
    return check;
  }
  const auto read = onnx::read_onnx_file(file);
  if (!read) {
    checker.wrong(read.error().message);
    return check;
  }
  const auto recognised = onnx::recognise(*read);
  ModelDescription model = said.description;
  model.complete_from(recognised.description);
  checker.row("is", fmt::format("ONNX, opset {}{}{}", read->opset,
                                read->producer.empty() ? "" : ", written by " + read->producer,
                                recognised.as.empty() ? "" : ": " + recognised.as));
  checker.described(model, said.by.empty() && !recognised.as.empty() ? "itself" : said.by);
  for (const auto& input : read->inputs) {
    checker.row("input", fmt::format("{} {}", input.name, onnx::describe(input)));
  }
  for (const auto& output : read->outputs) {
    checker.row("output", fmt::format("{} {}", output.name, onnx::describe(output)));
  }
  check_graph(*read, model, checker);
  return check;
}

ModelCheck check_hef(const std::string& path, const store::Described& said) {
  ModelCheck check;
  Checker checker(path, check);
  const auto header = store::read_hef_header(path);
  if (!header) {
    checker.wrong(header.error().message);
    return check;
  }
  checker.row("is", fmt::format("HEF, format {}, {} bytes", header->version, header->file_bytes));
  checker.described(said.description, said.by);
  const auto content = store::read_hef_content(path);
  if (!content) {
    checker.wrong(content.error().message);
    return check;
  }
  for (const store::HefGroup& group : content->groups) {
    for (const auto& input : group.inputs) {
      checker.row("input", fmt::format("{} {}", input.name, shape_text(input)));
    }
    for (const auto& output : group.outputs) {
      checker.row("output", fmt::format("{} {}", output.name, shape_text(output)));
    }
  }
  check_content(*content, said.description, checker);
  checker.note(fmt::format("more of what it holds: hailoctl inspect {}", path));
  return check;
}

}  // namespace npu::cli
