// Resizing exactly as Pillow's BILINEAR does it: a triangle filter whose width grows with the
// reduction, so that shrinking averages instead of skipping pixels. Two passes, rows first.
//
// 8-bit results equal Pillow's; float results equal those of its mode F.
#pragma once

#include <cstdint>
#include <span>

#include "media/image.hpp"

namespace npu::media {

// width, height: of the result, positive. source is not empty.
Image resize(const Image& source, int width, int height);
// out: width * height * channels bytes.
void resize_into(const Image& source, int width, int height, std::span<std::uint8_t> out);
FloatMap resize(const FloatMap& source, int width, int height);

}  // namespace npu::media
