// Pictures to PNG, tuned for speed: a service encodes far more often than anybody stores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "media/image.hpp"

namespace npu::media {

// 8-bit RGB or grey, as the image has it.
std::string encode_png(const Image& image);

// RGB and 16-bit grey behind what `out` holds, row by row, of a picture that is never held:
// fill_row(y, samples of the row).
using FillRgb = std::function<void(int y, std::span<std::uint8_t> row)>;
using FillGrey16 = std::function<void(int y, std::span<std::uint16_t> row)>;
void append_png(std::string& out, Size size, const FillRgb& fill_row);
void append_png16(std::string& out, Size size, const FillGrey16& fill_row);
// The most bytes that they add; pixel_bytes: 3 and 2.
std::size_t png_bound(Size size, std::size_t pixel_bytes);

}  // namespace npu::media
