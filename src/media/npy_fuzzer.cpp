#include <cstdint>
#include <cstdlib>

#include "media/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  if (const auto array = npu::media::decode_npy(file)) {
    const auto bytes = npu::byte_size(array->dtype, array->shape);
    if (!bytes || *bytes != array->data.size() || array->data.size() > size) std::abort();
  }
  return 0;
}
