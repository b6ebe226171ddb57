#include <cstdint>
#include <cstdlib>

#include "media/image_decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kMaxPixels = 10'000;
  const auto image =
      npu::media::decode_image(std::as_bytes(std::span(data, size)), {.max_pixels = kMaxPixels});
  if (image && image->pixels().size() > kMaxPixels * 3) std::abort();
  return 0;
}
