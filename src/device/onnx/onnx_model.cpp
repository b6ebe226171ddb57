#include "device/onnx/onnx_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/onnx/onnx_error.hpp"

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

struct Described {
  TensorSpec spec;
  bool any_batch = false;  // the first dimension was free
};

Result<Described> describe(std::string name, const Ort::TypeInfo& info, int batch) {
  if (info.GetONNXType() != ONNX_TYPE_TENSOR) {
    return fail(ErrorCode::kUnsupported, fmt::format("'{}' of the model is not a tensor", name));
  }
  const auto tensor = info.GetTensorTypeAndShapeInfo();
  const auto dtype = dtype_of(tensor.GetElementType());
  if (!dtype) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("'{}' of the model has a data type that is not supported", name));
  }
  Shape shape = tensor.GetShape();
  const bool any_batch = !shape.empty() && shape[0] < 0;
  if (any_batch) shape[0] = batch;
  for (const auto dim : shape) {
    if (dim > 0) continue;
    return not_fixed(
        name, fmt::format("a free dimension {}; only the first one may be free", to_string(shape)));
  }
  if (const auto bytes = byte_size(*dtype, shape); !bytes) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("'{}' of the model: {}", name, bytes.error().message));
  }
  return Described{{std::move(name), *dtype, std::move(shape)}, any_batch};
}

// An output's memory is given before it is computed, so its size has to follow from the inputs'.
Result<TensorSpec> output_spec(std::string name, const Ort::TypeInfo& info, int batch,
                               bool inputs_have_batch) {
  auto output = describe(std::move(name), info, batch);
  if (!output) return fail(output.error());
  // ONNX Runtime says the same of a single number and of a shape that it does not know.
  if (output->spec.shape.empty()) return not_fixed(output->spec.name, "no known shape");
  if (output->any_batch && !inputs_have_batch) {
    return not_fixed(output->spec.name, "a free first dimension, and no input has one");
  }
  return std::move(output->spec);
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

}  // namespace

OnnxModel::OnnxModel(Ort::Session session, const ModelLimits& limits,
                     std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs)
    : limits_(limits),
      session_(std::move(session)),
      memory_(Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)) {
  for (const auto& spec : inputs_) input_names_.push_back(spec.name.c_str());
  for (const auto& spec : outputs_) output_names_.push_back(spec.name.c_str());
}

Result<std::unique_ptr<TensorModel>> OnnxModel::create(Ort::Session session,
                                                       const TensorOptions& options,
                                                       const ModelLimits& limits) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<TensorSpec> inputs;
  bool have_batch = false;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    auto input = describe(session.GetInputNameAllocated(i, allocator).get(),
                          session.GetInputTypeInfo(i), options.batch);
    if (!input) return fail(input.error());
    have_batch = have_batch || input->any_batch;
    inputs.push_back(std::move(input->spec));
  }
  std::vector<std::string> names;
  names.reserve(session.GetOutputCount());
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    names.emplace_back(session.GetOutputNameAllocated(i, allocator).get());
  }
  if (inputs.empty() || names.empty()) {
    return fail(ErrorCode::kUnsupported, "the model has no inputs or no outputs");
  }
  const auto chosen = choose_outputs(names, options.output_layer);
  if (!chosen) return fail(chosen.error());
  std::vector<TensorSpec> outputs;
  for (const auto i : *chosen) {
    auto output = output_spec(names[i], session.GetOutputTypeInfo(i), options.batch, have_batch);
    if (!output) return fail(output.error());
    outputs.push_back(std::move(*output));
  }
  return std::unique_ptr<TensorModel>(
      new OnnxModel(std::move(session), limits, std::move(inputs), std::move(outputs)));
}

Status OnnxModel::run(std::span<const TensorView> inputs,
                      std::span<const MutableTensorView> outputs, RunContext& context) {
  if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
  std::vector<Ort::Value> from;
  from.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    from.push_back(value_over(memory_, inputs_[i], inputs[i].data.data(), inputs[i].data.size()));
  }
  std::vector<Ort::Value> to;
  to.reserve(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    to.push_back(value_over(memory_, outputs_[i], outputs[i].data.data(), outputs[i].data.size()));
  }
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
