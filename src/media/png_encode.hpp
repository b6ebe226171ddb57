// Pictures to PNG, tuned for speed: a service encodes far more often than anybody stores.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <npu/result.hpp>

#include "media/image.hpp"

namespace npu::media {

// 8-bit RGB or grey, as the image has it. Fails with kInternal where the encoder refuses.
Result<std::string> encode_png(const Image& image);
// 16-bit grey. pixels.size() == width * height.
Result<std::string> encode_png16(int width, int height, std::span<const std::uint16_t> pixels);

}  // namespace npu::media
