#include "client/allocate.hpp"

#include <memory>
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

wire::BufferSource reused_memory() {
  constexpr std::size_t kWorthwhile = std::size_t{64} << 10;
  constexpr std::size_t kKept = std::size_t{32} << 20;
  return [arena = std::make_shared<Arena>(kKept)](std::size_t bytes) -> wire::Buffer {
    auto block = bytes >= kWorthwhile ? arena->allocate(bytes) : nullptr;
    if (block == nullptr) return wire::heap_buffer(bytes);
    const auto span = block->bytes().first(bytes);
    return {std::move(block), span};
  };
}

}  // namespace npu::client
