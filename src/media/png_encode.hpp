// Pictures to PNG, tuned for speed: a service encodes far more often than anybody stores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "media/deflate.hpp"
#include "media/image.hpp"

namespace npu::media {

// 8-bit RGB or grey, as the image has it.
std::string encode_png(const Image& image);

// Row by row, of a picture that is never held, into a file that is not held either.
class PngEncoder {
 public:
  enum class Pixel { kGrey8, kRgb8, kGrey16 };

  // on_bytes: takes the file, piece by piece, the first ones at once.
  PngEncoder(Size size, Pixel pixel, Deflate::OnPiece on_bytes);
  PngEncoder(const PngEncoder&) = delete;
  PngEncoder& operator=(const PngEncoder&) = delete;

  // From the top, size.height of them. Samples of 16 bits are big-endian.
  void add_row(std::span<const std::uint8_t> row);
  std::size_t row_bytes() const { return above_.size(); }
  // Once, after the last row.
  void finish();

 private:
  void put_chunk(std::string_view name, std::span<const std::byte> data);

  Deflate::OnPiece on_bytes_;
  std::vector<std::uint8_t> above_;
  std::vector<std::uint8_t> filtered_;
  Deflate deflate_;
};

}  // namespace npu::media
