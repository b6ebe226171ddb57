#include <npu/client_tensor.hpp>

#include <algorithm>

namespace npu {

ClientTensor::ClientTensor(DType dtype, Shape shape, std::shared_ptr<void> owner,
                           std::span<std::byte> bytes)
    : dtype_(dtype), shape_(std::move(shape)), owner_(std::move(owner)), bytes_(bytes) {}

ClientTensor::ClientTensor(DType dtype, Shape shape, std::shared_ptr<client::Block> block,
                           std::span<std::byte> bytes)
    : dtype_(dtype), shape_(std::move(shape)), block_(std::move(block)), bytes_(bytes) {}

ClientTensor ClientTensor::borrow(const TensorView& view) {
  // writable() refuses borrowed bytes, so they are never written through this span.
  auto* data = const_cast<std::byte*>(view.data.data());
  return {view.dtype, view.shape, std::shared_ptr<void>(), {data, view.data.size()}};
}

ClientTensor ClientTensor::own(Tensor tensor) {
  auto owner = std::make_shared<Tensor>(std::move(tensor));
  const std::span<std::byte> bytes(owner->data);
  Shape shape = owner->shape;
  const DType dtype = owner->dtype;
  return {dtype, std::move(shape), std::shared_ptr<void>(std::move(owner)), bytes};
}

ClientTensor ClientTensor::copy_of(const TensorView& view) {
  return own({view.dtype, view.shape, {view.data.begin(), view.data.end()}});
}

std::span<std::byte> ClientTensor::writable() {
  if (owner_ == nullptr && block_ == nullptr) return {};
  return bytes_;
}

}  // namespace npu
