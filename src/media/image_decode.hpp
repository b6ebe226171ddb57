// Encoded pictures from clients to pixels.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include <npu/result.hpp>

#include "media/image.hpp"
#include "media/resize.hpp"

namespace npu::media {

struct DecodeOptions {
  std::uint64_t max_pixels = 50'000'000;
  // Turn the picture as its EXIF orientation says. Off: pixels as they are stored.
  bool apply_orientation = false;
  int channels = 3;  // 3: RGB; 1: grey
  // Of the thread, for decoding. A usual picture of 50 million pixels takes about one second.
  std::chrono::milliseconds cpu_time{1200};
};

// Decodes PNG, JPEG, WebP, BMP, TIFF, GIF and PNM; of an animation the first picture. Alpha is
// dropped, 16-bit samples become 8-bit. Damaged pixels are shown as the format's library shows
// them. Fails with kTooLarge where the picture has more than max_pixels, or more than 65535 a side,
// before anything is decoded, or is stored in a way that takes too much memory or work, or more
// than cpu_time; with kMalformed where it is not a picture, broken, or pixels are missing. Blocks
// for its whole work, which is bounded for any bytes: at 50 million pixels by about 350 MB and by
// cpu_time, beyond which it may go by a few tenths of a second.
Result<Image> decode_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});

// The size that decode_image() would give. Fails as it does before anything is decoded.
Result<Size> size_of_image(std::span<const std::byte> bytes, const DecodeOptions& options = {});

// The same for a network: a part of it resized, into `out`, whose rows are `stride` bytes apart. It
// is averaged to a half, a quarter, ... first where that leaves the whole size; JPEG and WebP are
// decoded so: less memory and time, and nothing that a network finds is lost (docs/adr/0066). After
// a failure `out` has any content.
Status decode_part(std::span<const std::byte> bytes, const DecodeOptions& options,
                   const ResizedPart& wanted, std::span<std::uint8_t> out, std::size_t stride);

// All of it, resized to `size`, into `out`, which has size.width * size.height * options.channels
// bytes. What it gives is the size of the picture, as size_of_image() has it.
Result<Size> decode_resized(std::span<const std::byte> bytes, const DecodeOptions& options,
                            Size size, std::span<std::uint8_t> out);

}  // namespace npu::media
