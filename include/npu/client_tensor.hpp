// Tensors as a client of the device manager holds them: values whose bytes live in memory that is
// shared with the manager, in a received message, on the heap, or with the caller.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <npu/tensor.hpp>

namespace npu {

namespace client {
class Block;
}

// A dense tensor and what keeps its bytes alive. Copies share the bytes; the last one frees them.
// Different ClientTensors may be used and destroyed on different threads, also after the client
// that made them is gone.
//
//   made by                       bytes live in           sent by
//   DeviceClient::allocate()      shared memory           reference: nothing is copied
//   ClientTensor::own, copy_of    the heap                one copy into shared memory or the socket
//   ClientTensor::borrow          the caller's memory     one copy; the caller keeps the memory
//                                                         until the call has completed
//   InferResult                   shared memory, or the   -
//                                 received message
//
// The bytes of a tensor that was passed to infer() must not change until that call completes.
class ClientTensor {
 public:
  // An empty uint8 tensor of shape (0).
  ClientTensor() : shape_{0} {}

  // data.size() of the view must be byte_size(dtype, shape).
  static ClientTensor borrow(const TensorView& view);
  static ClientTensor copy_of(const TensorView& view);
  static ClientTensor own(Tensor tensor);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  TensorView view() const { return {dtype_, shape_, bytes_}; }

  // The bytes for filling in; empty for borrowed tensors. Aligned to 64 bytes where allocate() made
  // the tensor.
  std::span<std::byte> writable();

  // The elements. Empty where T does not have the size of the dtype's elements.
  template <class T>
  std::span<const T> as() const {
    static_assert(std::is_trivially_copyable_v<T>);
    if (sizeof(T) != size_of(dtype_)) return {};
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }

  // True where the bytes live in memory that can be shared with the manager.
  bool in_shared_memory() const { return block_ != nullptr; }

  // For the client library: the block that the bytes lie in, or null.
  const std::shared_ptr<client::Block>& block() const { return block_; }
  // For the client library: bytes inside `owner`, respectively inside `block`.
  ClientTensor(DType dtype, Shape shape, std::shared_ptr<void> owner, std::span<std::byte> bytes);
  ClientTensor(DType dtype, Shape shape, std::shared_ptr<client::Block> block,
               std::span<std::byte> bytes);

 private:
  DType dtype_ = DType::kUint8;
  Shape shape_;
  std::shared_ptr<void> owner_;
  std::shared_ptr<client::Block> block_;
  std::span<std::byte> bytes_;
};

}  // namespace npu
