// Format and size of an encoded picture, from its structure alone: no pixels are decompressed.
//
// Decoders of hostile data are asked to work only after this: a few bytes can announce a picture of
// any size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <npu/result.hpp>

namespace npu::media {

enum class ImageFormat { kPng, kJpeg, kWebp, kBmp, kTiff, kGif, kPnm };
std::string_view name_of(ImageFormat format);

struct ImageInfo {
  ImageFormat format = ImageFormat::kPng;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int orientation = 1;  // of its EXIF data or TIFF directory, see upright()
};

// Fails with kMalformed: not one of the formats (with the name of what it is, where that is known),
// a broken or truncated head, a size of zero. It is no stricter than the decoders.
Result<ImageInfo> probe_image(std::span<const std::byte> bytes);

}  // namespace npu::media
