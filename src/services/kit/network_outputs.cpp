#include "services/kit/network_outputs.hpp"

#include <fmt/format.h>

namespace npu::kit {

NetworkOutputs::NetworkOutputs(std::vector<ClientTensor> tensors, std::vector<std::string> names)
    : tensors_(std::move(tensors)), names_(std::move(names)) {
  outputs_.reserve(tensors_.size());
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].dtype() == DType::kUint8) {
      bytes_ = tensors_[i].as<std::uint8_t>();
      continue;
    }
    outputs_.push_back({tensors_[i].shape(), tensors_[i].as<float>(), names_[i]});
  }
}

Result<NetworkOutputs> NetworkOutputs::of(const InferResult& result, Bytes bytes) {
  std::vector<ClientTensor> tensors;
  std::vector<std::string> names;
  if (auto only = result.tensor()) {
    tensors.push_back(std::move(*only));
    names.emplace_back();
  } else if (const auto* layers = result.value.if_object()) {
    for (const auto& layer : *layers) {
      auto tensor = result.tensor(layer.key());
      if (!tensor) return fail(ErrorCode::kInternal, "the model's output is not a tensor");
      tensors.push_back(std::move(*tensor));
      names.emplace_back(layer.key());
    }
  }
  int left = bytes == Bytes::kAllowed ? 1 : 0;
  for (const ClientTensor& tensor : tensors) {
    if (tensor.dtype() == DType::kUint8 && left-- > 0) continue;
    if (tensor.dtype() != DType::kFloat32) {
      return fail(
          ErrorCode::kInternal,
          fmt::format("the model's outputs must be float32, one is {}", name_of(tensor.dtype())));
    }
  }
  return NetworkOutputs(std::move(tensors), std::move(names));
}

std::optional<ExpectedOutputs> expected_outputs(const LoadedModel& model) {
  if (model.outputs.empty() || model.input_shape.size() != 3) return {};
  ExpectedOutputs expected;
  expected.outputs.reserve(model.outputs.size());
  for (const TensorSpec& output : model.outputs) {
    if (output.dtype == DType::kUint8) {
      expected.bytes = true;
    } else {
      expected.outputs.push_back({output.shape, {}, output.name});
    }
  }
  expected.input = {static_cast<int>(model.input_shape[1]), static_cast<int>(model.input_shape[0])};
  return expected;
}

vision::Box region_of(const Placement& placed) {
  const auto left = static_cast<float>(placed.left);
  const auto top = static_cast<float>(placed.top);
  return {left, top, left + static_cast<float>(placed.resized.width),
          top + static_cast<float>(placed.resized.height)};
}

}  // namespace npu::kit
