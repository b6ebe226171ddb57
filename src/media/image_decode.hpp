// Encoded pictures from clients to pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <npu/result.hpp>

#include "media/image.hpp"

namespace npu::media {

struct DecodeOptions {
  std::uint64_t max_pixels = 50'000'000;
  // Turn the picture as its EXIF orientation says. Off: pixels as they are stored.
  bool apply_orientation = false;
  int channels = 3;  // 3: RGB; 1: grey
};

// Decodes PNG, JPEG, WebP, BMP and TIFF. Alpha is dropped, 16-bit samples become 8-bit.
// Fails with kTooLarge where the picture has more than max_pixels, or more than 65535 a side,
// before anything is decoded;
// with kMalformed where it is not a picture, broken or truncated. Blocks for its whole work.
Result<Image> decode_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});

}  // namespace npu::media
