#include "device/sim/profile_model.hpp"

#include <fmt/format.h>

namespace npu::device::sim {
namespace {

constexpr double kMaxMilliseconds = 1e7;
constexpr double kMaxRate = 1e6;
constexpr int kMaxBatch = 1024;

Duration milliseconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(value));
}

Shape read_shape(const YAML::Node& node) {
  if (!node.IsSequence() || node.size() > kMaxRank)
    yaml_fail(node, "shape must be a list of 0..8 numbers");
  Shape shape;
  for (const auto& dim : node) {
    shape.push_back(static_cast<std::int64_t>(to_number(dim, "a dimension", 1, 1e9)));
  }
  return shape;
}

void check_size(const TensorSpec& spec, const YAML::Node& at) {
  const auto bytes = byte_size(spec.dtype, spec.shape);
  if (!bytes || *bytes > (std::size_t{1} << 31)) yaml_fail(at, "the tensor is too large");
}

TensorSpec read_spec(YamlReader& reader) {
  TensorSpec spec;
  spec.name = reader.text("name", "");
  const auto dtype = reader.need("dtype");
  const auto known = dtype_from_name(to_text(dtype, "dtype"));
  if (!known) yaml_fail(dtype, fmt::format("unknown dtype '{}'", dtype.Scalar()));
  spec.dtype = *known;
  spec.shape = read_shape(reader.need("shape"));
  check_size(spec, reader.node());
  return spec;
}

Fill read_fill(const YAML::Node& node) {
  if (!node.IsDefined()) return {};
  const auto name = to_text(node, "fill");
  if (name == "checksum") return {Fill::Mode::kChecksum, 0};
  if (name == "noise") return {Fill::Mode::kNoise, 0};
  return {Fill::Mode::kConstant, to_number(node, "fill (checksum, noise or a value)", -1e9, 1e9)};
}

// An output of non-maximum suppression; more than one where there are masks.
void add_boxes(ModelProfile& model, const std::string& name, const YAML::Node& node) {
  auto how = std::make_shared<Suppression>(read_suppression(node));
  if (const Shape& shape = model.inputs.front().shape; shape.size() >= 2) {
    how->height = static_cast<int>(shape[0]);
    how->width = static_cast<int>(shape[1]);
  }
  auto mode = Fill::Mode::kBoxes;
  for (auto& spec : suppression_outputs(*how, name)) {
    check_size(spec, node);
    model.outputs.push_back({std::move(spec), {.mode = mode, .boxes = how}});
    mode = Fill::Mode::kMasks;
  }
}

// What a network for text answers; nullptr: it is none.
std::shared_ptr<const Reading> read_reading(YamlReader& output, const TensorSpec& spec) {
  const auto map = output.get("text_map");
  const auto ctc = output.get("ctc");
  if (!map.IsDefined() && !ctc.IsDefined()) return nullptr;
  if (spec.dtype != DType::kFloat32) {
    yaml_fail(output.node(), "text_map and ctc are for float32");
  }
  return map.IsDefined() ? read_text_map(map, spec.shape) : read_ctc(ctc, spec.shape);
}

void read_tensors(YamlReader& reader, ModelProfile& model) {
  const auto inputs = reader.need("inputs");
  for (const auto& item : inputs) {
    YamlReader input(item, "an input");
    model.inputs.push_back(read_spec(input));
    input.finish();
  }
  const auto outputs = reader.need("outputs");
  if (model.inputs.empty() || outputs.size() == 0) {
    yaml_fail(reader.node(), "a tensor model needs inputs and outputs");
  }
  for (const auto& item : outputs) {
    YamlReader output(item, "an output");
    if (const auto boxes = output.get("nms"); boxes.IsDefined()) {
      add_boxes(model, output.text("name", ""), boxes);
    } else {
      auto spec = read_spec(output);
      auto how = read_fill(output.get("fill"));
      if (const auto head = output.get("dfl"); head.IsDefined()) {
        if (spec.dtype != DType::kFloat32) yaml_fail(head, "dfl is for float32");
        how = {.mode = Fill::Mode::kRawHead,
               .raw_head = read_raw_head(head, spec.shape, model.inputs.front().shape)};
      } else if (const auto people = output.get("people"); people.IsDefined()) {
        if (spec.dtype != DType::kFloat32) yaml_fail(people, "people is for float32");
        how = {.mode = Fill::Mode::kRawHead,
               .raw_head = read_people(people, spec.shape, model.inputs.front().shape)};
      } else if (auto reading = read_reading(output, spec)) {
        how = {.mode = Fill::Mode::kReading, .reading = std::move(reading)};
      }
      model.outputs.push_back({std::move(spec), std::move(how)});
    }
    output.finish();
  }
}

// fps: {batch: frames per second}, or run_ms: time of one frame.
std::map<int, Duration> read_run(YamlReader& reader) {
  std::map<int, Duration> run;
  const auto fps = reader.get("fps");
  if (!fps.IsDefined()) {
    run[1] = milliseconds(reader.number("run_ms", 0, 0, kMaxMilliseconds));
    return run;
  }
  if (!fps.IsMap()) yaml_fail(fps, "fps must be a mapping from batch to frames per second");
  for (const auto& item : fps) {
    const int batch = static_cast<int>(to_number(item.first, "a batch", 1, kMaxBatch));
    run[batch] =
        milliseconds(1000.0 * batch / to_number(item.second, "frames per second", 1e-3, kMaxRate));
  }
  if (!run.contains(1)) yaml_fail(fps, "fps needs batch 1");
  return run;
}

std::vector<std::string> read_script(const YAML::Node& node) {
  std::vector<std::string> script;
  if (!node.IsDefined()) return script;
  if (node.IsScalar()) return {node.Scalar()};
  if (!node.IsSequence()) yaml_fail(node, "script must be text or a list of texts");
  for (const auto& item : node) script.push_back(to_text(item, "a text of the script"));
  return script;
}

void read_generation(YamlReader& reader, ModelProfile& model) {
  model.first_token = milliseconds(reader.number("first_token_ms", 0, 0, kMaxMilliseconds));
  const double rate = reader.number("tokens_per_second", 0, 0, kMaxRate);
  if (rate > 0) model.token = milliseconds(1000.0 / rate);
  model.script = read_script(reader.get("script"));
}

}  // namespace

std::optional<ModelKind> model_kind_from_name(std::string_view name) {
  for (const auto kind : {ModelKind::kTensor, ModelKind::kText, ModelKind::kSpeech}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

ModelProfile read_model(YamlReader& reader, std::optional<ModelKind> kind) {
  ModelProfile model;
  if (kind) {
    model.kind = *kind;
  } else {
    const auto name = reader.need("kind");
    const auto known = model_kind_from_name(to_text(name, "kind"));
    if (!known) yaml_fail(name, "kind must be tensor, text or speech");
    model.kind = *known;
  }
  model.bytes = static_cast<std::uint64_t>(reader.number("size_mb", 0, 0, kMaxMegabytes) * 1e6);
  model.load = milliseconds(reader.number("load_ms", 0, 0, kMaxMilliseconds));
  if (const auto hef = reader.get("hef"); hef.IsDefined()) model.hef = YAML::Dump(hef);
  if (model.kind == ModelKind::kTensor) {
    read_tensors(reader, model);
    model.run = read_run(reader);
    return model;
  }
  read_generation(reader, model);
  if (model.kind == ModelKind::kSpeech) {
    model.window = milliseconds(reader.number("window_s", 10, 0.1, 3600) * 1000);
    return model;
  }
  model.context_length = static_cast<int>(reader.number("context", 2048, 1, 1e7));
  model.end_text = reader.text("end_text", "");
  if (const auto frame = reader.get("frame"); frame.IsDefined()) {
    YamlReader spec(frame, "frame");
    model.frame = read_spec(spec);
    spec.finish();
  }
  return model;
}

}  // namespace npu::device::sim
