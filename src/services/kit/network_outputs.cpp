#include "services/kit/network_outputs.hpp"

#include <fmt/format.h>

namespace npu::kit {

NetworkOutputs::NetworkOutputs(std::vector<ClientTensor> tensors) : tensors_(std::move(tensors)) {
  outputs_.reserve(tensors_.size());
  for (const ClientTensor& tensor : tensors_) {
    if (tensor.dtype() == DType::kUint8) {
      bytes_ = tensor.as<std::uint8_t>();
      continue;
    }
    outputs_.push_back({tensor.shape(), tensor.as<float>()});
  }
}

Result<NetworkOutputs> NetworkOutputs::of(const InferResult& result, Bytes bytes) {
  std::vector<ClientTensor> tensors;
  if (auto only = result.tensor()) {
    tensors.push_back(std::move(*only));
  } else if (const auto* layers = result.value.if_object()) {
    for (const auto& layer : *layers) {
      auto tensor = result.tensor(layer.key());
      if (!tensor) return fail(ErrorCode::kInternal, "the model's output is not a tensor");
      tensors.push_back(std::move(*tensor));
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
  return NetworkOutputs(std::move(tensors));
}

vision::Box region_of(const Placement& placed) {
  const auto left = static_cast<float>(placed.left);
  const auto top = static_cast<float>(placed.top);
  return {left, top, left + static_cast<float>(placed.resized.width),
          top + static_cast<float>(placed.resized.height)};
}

}  // namespace npu::kit
