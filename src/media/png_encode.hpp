// Pictures to PNG, tuned for speed: a service encodes far more often than anybody stores.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <npu/result.hpp>

#include "media/image.hpp"

namespace npu::media {

// 8-bit RGB or grey, as the image has it. Fails with kInternal where the encoder refuses.
Result<std::string> encode_png(const Image& image);
// RGB and 16-bit grey, row by row, for a picture that is never held: fill_row(y, samples of the
// row).
using FillRgb = std::function<void(int y, std::span<std::uint8_t> row)>;
using FillGrey16 = std::function<void(int y, std::span<std::uint16_t> row)>;
Result<std::string> encode_png(Size size, const FillRgb& fill_row);
Result<std::string> encode_png16(Size size, const FillGrey16& fill_row);

}  // namespace npu::media
