// Pictures to JPEG, for people to look at.
#pragma once

#include <string>

#include <npu/result.hpp>

#include "media/image.hpp"

namespace npu::media {

inline constexpr int kJpegQuality = 90;

// RGB or grey, as the image has it; quality 1..100. Colours have the resolution of brightness
// (4:4:4), so that a coloured line of one pixel keeps its colour. Fails with kTooLarge where a side
// has more than JPEG's 65500 pixels, with kUnavailable where there is no memory. Blocks.
Result<std::string> encode_jpeg(const Image& image, int quality = kJpegQuality);

}  // namespace npu::media
