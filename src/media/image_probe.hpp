// Format and size of an encoded picture, from its structure alone: nothing is decompressed.
//
// Decoders of hostile data are asked to work only after this: a few bytes can announce a picture of
// any size, and some decoders deliver half a picture without saying so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <npu/result.hpp>

namespace npu::media {

enum class ImageFormat { kPng, kJpeg, kWebp, kBmp, kTiff };
std::string_view name_of(ImageFormat format);

struct ImageInfo {
  ImageFormat format = ImageFormat::kPng;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int orientation = 1;  // of its EXIF data or TIFF directory, see upright(); not read from WebP
};

// Fails with kMalformed: not one of the formats, broken or truncated structure, a size of zero, a
// JPEG of more than 200 scans (each costs a pass over the whole picture).
Result<ImageInfo> probe_image(std::span<const std::byte> bytes);

}  // namespace npu::media
