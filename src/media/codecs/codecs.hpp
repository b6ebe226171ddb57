// Decoders, one for each format of ImageFormat. Internal to media/.
//
// Each gets bytes that probe_image() has passed, and what it said of them, with a size that is
// within the caller's bounds; and gives the RGB pixels as they are stored, exactly of that size.
// Everything else is kMalformed. Alpha is dropped; 16-bit samples become 8-bit.
#pragma once

#include <cstddef>
#include <span>

#include <fmt/format.h>

#include <npu/result.hpp>

#include "media/image.hpp"
#include "media/image_probe.hpp"

namespace npu::media::codecs {

using Bytes = std::span<const std::byte>;

Result<Image> decode_png(Bytes bytes, const ImageInfo& info);
Result<Image> decode_jpeg(Bytes bytes, const ImageInfo& info);
Result<Image> decode_webp(Bytes bytes, const ImageInfo& info);
Result<Image> decode_bmp(Bytes bytes, const ImageInfo& info);
Result<Image> decode_tiff(Bytes bytes, const ImageInfo& info);

inline tl::unexpected<Error> malformed(ImageFormat format) {
  return fail(ErrorCode::kMalformed,
              fmt::format("the {} image cannot be decoded", name_of(format)));
}

// Room for the pixels.
inline Image rgb_image(const ImageInfo& info) {
  return Image(static_cast<int>(info.width), static_cast<int>(info.height), 3);
}

}  // namespace npu::media::codecs
