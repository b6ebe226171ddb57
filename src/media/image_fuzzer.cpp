#include <array>
#include <cstdint>
#include <cstdlib>

#include "media/image_decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace npu::media;
  constexpr std::uint64_t kMaxPixels = 10'000;
  const auto bytes = std::as_bytes(std::span(data, size));
  const DecodeOptions options{.max_pixels = kMaxPixels, .apply_orientation = true};
  const auto image = decode_image(bytes, options);
  if (image && image->pixels().size() > kMaxPixels * 3) std::abort();
  constexpr Size kInput{16, 12};
  std::array<std::uint8_t, 16 * 12 * 3> input{};
  const auto whole = decode_resized(bytes, options, kInput, input);
  // What can be decoded can be decoded smaller.
  if (image.has_value() != whole.has_value()) std::abort();
  if (image && *whole != Size{image->width(), image->height()}) std::abort();
  return 0;
}
