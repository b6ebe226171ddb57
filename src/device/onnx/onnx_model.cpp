#include "device/onnx/onnx_model.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/onnx/onnx_error.hpp"
#include "onnx/half.hpp"

namespace npu::device {
namespace {

struct TypePair {
  ONNXTensorElementDataType onnx;
  DType dtype;
};
constexpr TypePair kTypes[] = {
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, DType::kUint8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, DType::kInt8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, DType::kUint16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, DType::kInt16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, DType::kInt32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, DType::kInt64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, DType::kFloat16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, DType::kFloat32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, DType::kFloat64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, DType::kBool},
};

std::optional<DType> dtype_of(ONNXTensorElementDataType type) {
  for (const auto& pair : kTypes) {
    if (pair.onnx == type) return pair.dtype;
  }
  return std::nullopt;
}

ONNXTensorElementDataType onnx_of(DType dtype) {
  for (const auto& pair : kTypes) {
    if (pair.dtype == dtype) return pair.onnx;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

tl::unexpected<Error> not_fixed(std::string_view name, std::string_view what) {
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("'{}' of the model has {}: export the model with fixed shapes", name, what));
}

// As the file has it: free dimensions are negative.
Result<TensorSpec> graph_spec(std::string name, const Ort::TypeInfo& info) {
  if (info.GetONNXType() != ONNX_TYPE_TENSOR) {
    return fail(ErrorCode::kUnsupported, fmt::format("'{}' of the model is not a tensor", name));
  }
  const auto tensor = info.GetTensorTypeAndShapeInfo();
  const auto dtype = dtype_of(tensor.GetElementType());
  if (!dtype) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("'{}' of the model has a data type that is not supported", name));
  }
  return TensorSpec{std::move(name), *dtype, tensor.GetShape()};
}

// With the batch in place of a free first dimension, which any_batch tells of.
Status fix(TensorSpec& spec, int batch, bool& any_batch) {
  any_batch = !spec.shape.empty() && spec.shape[0] < 0;
  if (any_batch) spec.shape[0] = batch;
  for (const auto dim : spec.shape) {
    if (dim > 0) continue;
    return not_fixed(spec.name, fmt::format("a free dimension {}; only the first one may be free",
                                            to_string(spec.shape)));
  }
  if (const auto bytes = byte_size(spec.dtype, spec.shape); !bytes) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("'{}' of the model: {}", spec.name, bytes.error().message));
  }
  return {};
}

// An output's memory is given before it is computed, so its size has to follow from the inputs'.
Status fix_output(TensorSpec& spec, int batch, bool inputs_have_batch) {
  bool any_batch = false;
  if (auto fixed = fix(spec, batch, any_batch); !fixed) return fixed;
  // ONNX Runtime says the same of a single number and of a shape that it does not know.
  if (spec.shape.empty()) return not_fixed(spec.name, "no known shape");
  if (any_batch && !inputs_have_batch) {
    return not_fixed(spec.name, "a free first dimension, and no input has one");
  }
  return {};
}

bool is_open(const TensorSpec& spec) {
  return spec.shape.empty() || std::ranges::any_of(spec.shape, [](auto dim) { return dim <= 0; });
}

// All of them, or the one of this name where there is a choice.
Result<std::vector<std::size_t>> choose_outputs(const std::vector<std::string>& names,
                                                const std::string& wanted) {
  std::vector<std::size_t> chosen;
  const bool all = wanted.empty() || names.size() == 1;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (all || names[i] == wanted) chosen.push_back(i);
  }
  if (!chosen.empty() || all) return chosen;
  return fail(ErrorCode::kNotFound, fmt::format("the model has no output '{}'; it has: {}", wanted,
                                                fmt::join(names, ", ")));
}

Ort::Value value_over(const Ort::MemoryInfo& memory, const TensorSpec& spec, const void* data,
                      std::size_t bytes) {
  return Ort::Value::CreateTensor(memory, const_cast<void*>(data), bytes, spec.shape.data(),
                                  spec.shape.size(), onnx_of(spec.dtype));
}

void widen(std::span<const std::byte> halves, std::span<std::byte> floats) {
  const std::size_t count = halves.size() / sizeof(std::uint16_t);
  const auto* from = reinterpret_cast<const std::uint16_t*>(halves.data());
  auto* to = reinterpret_cast<float*>(floats.data());
  for (std::size_t i = 0; i < count; ++i) to[i] = onnx::float_of_half(from[i]);
}

}  // namespace

OnnxModel::OnnxModel(Ort::Session session, const ModelLimits& limits)
    : limits_(limits),
      session_(std::move(session)),
      memory_(Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault)) {}

Result<std::unique_ptr<TensorModel>> OnnxModel::create(Ort::Session session,
                                                       const TensorOptions& options,
                                                       const ModelLimits& limits,
                                                       std::string_view name) {
  std::unique_ptr<OnnxModel> model(new OnnxModel(std::move(session), limits));
  if (options.picture) model->description_ = *options.picture;
  if (auto read = model->read_inputs(options, name); !read) return fail(read.error());
  if (auto read = model->read_outputs(options); !read) return fail(read.error());
  return model;
}

Status OnnxModel::read_inputs(const TensorOptions& options, std::string_view name) {
  Ort::AllocatorWithDefaultOptions allocator;
  const std::size_t count = session_.GetInputCount();
  for (std::size_t i = 0; i < count; ++i) {
    auto spec = graph_spec(session_.GetInputNameAllocated(i, allocator).get(),
                           session_.GetInputTypeInfo(i));
    if (!spec) return fail(spec.error());
    if (options.picture && count == 1) {
      auto picture = onnx::PictureInput::create(*spec, description_.input, name);
      if (!picture) return fail(picture.error());
      any_batch_ = !spec->shape.empty() && spec->shape[0] < 0;
      *spec = picture->picture();
      picture_ = std::move(*picture);
      note_free_pictures(options);
    } else {
      bool any_batch = false;
      if (auto fixed = fix(*spec, options.batch, any_batch); !fixed) return fixed;
      any_batch_ = any_batch_ || any_batch;
    }
    inputs_.push_back(std::move(*spec));
  }
  for (const auto& spec : inputs_) input_names_.push_back(spec.name.c_str());
  if (picture_ && !picture_->as_it_is()) {
    converted_.resize(byte_size(picture_->graph().dtype, picture_->graph().shape).value());
  }
  return {};
}

void OnnxModel::note_free_pictures(const TensorOptions& options) {
  const auto& free = picture_->free();
  if (!free.height && !free.width && !(free.batch && options.batch > 1)) return;
  const InputDescription& known = description_.input;
  const int step = known.step.value_or(1);
  free_ = {.height = free.height,
           .width = free.width,
           .step = step,
           .max_side = known.max_side.value_or(kMaxPictureSide) / step * step,
           .batch = free.batch ? options.batch : 1};
}

Status OnnxModel::read_outputs(const TensorOptions& options) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<std::string> names;
  names.reserve(session_.GetOutputCount());
  for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
    names.emplace_back(session_.GetOutputNameAllocated(i, allocator).get());
  }
  if (inputs_.empty() || names.empty()) {
    return fail(ErrorCode::kUnsupported, "the model has no inputs or no outputs");
  }
  const auto chosen = choose_outputs(names, options.output_layer);
  if (!chosen) return fail(chosen.error());
  for (const auto i : *chosen) {
    auto spec = graph_spec(names[i], session_.GetOutputTypeInfo(i));
    if (!spec) return fail(spec.error());
    graph_outputs_.push_back(std::move(*spec));
  }
  for (const auto& spec : graph_outputs_) output_names_.push_back(spec.name.c_str());
  if (picture_ && std::ranges::any_of(graph_outputs_, is_open)) {
    auto shapes = shapes_of_a_run();
    if (!shapes) return fail(shapes.error());
    for (std::size_t i = 0; i < shapes->size(); ++i) graph_outputs_[i].shape = (*shapes)[i];
  }
  for (auto& spec : graph_outputs_) {
    // A model of free pictures has a batch of its own each time.
    if (auto fixed = fix_output(spec, free_ ? 1 : options.batch, any_batch_); !fixed) return fixed;
    outputs_.push_back(spec);
    halves_.emplace_back();
    if (!picture_ || spec.dtype != DType::kFloat16) continue;
    outputs_.back().dtype = DType::kFloat32;
    halves_.back().resize(byte_size(spec.dtype, spec.shape).value());
  }
  return {};
}

Result<std::vector<Shape>> OnnxModel::shapes_of_a_run() {
  std::vector<std::byte> black(byte_size(inputs_[0].dtype, inputs_[0].shape).value());
  const TensorView picture{inputs_[0].dtype, inputs_[0].shape, black};
  std::vector<Ort::Value> to(graph_outputs_.size());
  if (auto ran = run_session(values_of(std::span(&picture, 1)), to); !ran) return fail(ran.error());
  std::vector<Shape> shapes;
  shapes.reserve(to.size());
  for (const auto& value : to) shapes.push_back(value.GetTensorTypeAndShapeInfo().GetShape());
  return shapes;
}

std::vector<Ort::Value> OnnxModel::values_of(std::span<const TensorView> inputs) {
  std::vector<Ort::Value> values;
  values.reserve(inputs.size());
  if (picture_) {
    std::span<const std::byte> bytes = inputs[0].data;
    if (!picture_->as_it_is()) {
      picture_->convert(bytes, converted_);
      bytes = converted_;
    }
    values.push_back(value_over(memory_, picture_->graph(), bytes.data(), bytes.size()));
    return values;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values.push_back(value_over(memory_, inputs_[i], inputs[i].data.data(), inputs[i].data.size()));
  }
  return values;
}

Status OnnxModel::run(std::span<const TensorView> inputs,
                      std::span<const MutableTensorView> outputs, RunContext& context) {
  if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
  std::vector<Ort::Value> to;
  to.reserve(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::span<std::byte> memory = halves_[i].empty() ? outputs[i].data : halves_[i];
    to.push_back(value_over(memory_, graph_outputs_[i], memory.data(), memory.size()));
  }
  if (auto ran = run_session(values_of(inputs), to); !ran) return ran;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!halves_[i].empty()) widen(halves_[i], outputs[i].data);
  }
  return {};
}

Result<std::vector<Tensor>> OnnxModel::run_free(const TensorView& pictures, RunContext& context) {
  if (!free_) return TensorModel::run_free(pictures, context);
  if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
  const TensorSpec graph =
      picture_->graph_of(pictures.shape[0], pictures.shape[1], pictures.shape[2]);
  const auto bytes = byte_size(graph.dtype, graph.shape);
  if (!bytes) return fail(bytes.error());
  std::vector<std::byte> converted;
  std::span<const std::byte> input = pictures.data;
  if (!picture_->as_it_is()) {
    converted.resize(*bytes);
    picture_->convert_all(pictures.data, pictures.shape[0], converted);
    input = converted;
  }
  std::vector<Ort::Value> from;
  from.push_back(value_over(memory_, graph, input.data(), input.size()));
  std::vector<Ort::Value> to(output_names_.size());
  for (auto& value : to) value = Ort::Value(nullptr);
  if (auto ran = run_session(from, to); !ran) return fail(ran.error());
  std::vector<Tensor> outputs;
  for (const Ort::Value& value : to) {
    const auto info = value.GetTensorTypeAndShapeInfo();
    if (info.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      return fail(ErrorCode::kUnsupported, "a model of free pictures gives float32");
    }
    const auto* first = static_cast<const std::byte*>(value.GetTensorRawData());
    const std::size_t size = info.GetElementCount() * sizeof(float);
    outputs.push_back({DType::kFloat32, info.GetShape(), {first, first + size}});
  }
  return outputs;
}

Status OnnxModel::run_session(const std::vector<Ort::Value>& from, std::vector<Ort::Value>& to) {
  const RunTimer::Watch watch(limits_.timer);
  try {
    const MemoryLimit::Bound bound(limits_.memory, limits_.bytes);
    session_.Run(watch.options(), input_names_.data(), from.data(), from.size(),
                 output_names_.data(), to.data(), to.size());
    return {};
  } catch (const Ort::Exception& error) {
    if (watch.expired()) return fail(over_time_limit(limits_.timer.limit()));
    if (is_out_of_memory(error)) return fail(over_memory_limit(limits_.memory, limits_.bytes));
    return fail(run_error(error));
  } catch (const std::bad_alloc&) {
    return fail(over_memory_limit(limits_.memory, limits_.bytes));
  }
}

}  // namespace npu::device
