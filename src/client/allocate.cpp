#include "client/allocate.hpp"

#include <new>
#include <utility>

#include <fmt/format.h>

namespace npu::client {

Result<ClientTensor> allocate_tensor(Arena& arena, DType dtype, Shape shape) {
  const auto size = byte_size(dtype, shape);
  if (!size) return fail(size.error());
  if (auto block = arena.allocate(*size)) {
    const auto bytes = block->bytes().first(*size);
    return ClientTensor(dtype, std::move(shape), std::move(block), bytes);
  }
  try {
    const std::shared_ptr<std::byte[]> data(
        new (std::align_val_t{kBlockAlignment}) std::byte[*size],
        [](std::byte* bytes) { operator delete[](bytes, std::align_val_t{kBlockAlignment}); });
    return ClientTensor(dtype, std::move(shape), std::shared_ptr<void>(data, data.get()),
                        std::span(data.get(), *size));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kTooLarge, fmt::format("no memory for a tensor of {} bytes, shape {}",
                                                  *size, to_string(shape)));
  }
}

}  // namespace npu::client
