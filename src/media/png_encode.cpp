#include "media/png_encode.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "media/blocks.hpp"

namespace npu::media {
namespace {

// What the specification calls them.
constexpr char kGrey = 0;
constexpr char kTrueColor = 2;
constexpr std::uint8_t kFilterUp = 2;

struct Layout {
  char bits;
  char color_type;
  std::size_t pixel_bytes;
};

Layout layout_of(PngEncoder::Pixel pixel) {
  switch (pixel) {
    case PngEncoder::Pixel::kGrey8: return {8, kGrey, 1};
    case PngEncoder::Pixel::kRgb8: return {8, kTrueColor, 3};
    case PngEncoder::Pixel::kGrey16: break;
  }
  return {16, kGrey, 2};
}

std::size_t row_bytes_of(Size size, PngEncoder::Pixel pixel) {
  return static_cast<std::size_t>(size.width) * layout_of(pixel).pixel_bytes;
}

void put_big_endian(std::string& out, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

PngEncoder::PngEncoder(Size size, Pixel pixel, Deflate::OnPiece on_bytes)
    : on_bytes_(std::move(on_bytes)),
      above_(row_bytes_of(size, pixel)),
      filtered_(1 + above_.size(), kFilterUp),
      deflate_(Deflate::Container::kZlib,
               [this](std::span<const std::byte> piece) { put_chunk("IDAT", piece); }) {
  on_bytes_(bytes_of("\x89PNG\r\n\x1a\n"));
  const Layout layout = layout_of(pixel);
  std::string head;
  put_big_endian(head, static_cast<std::size_t>(size.width));
  put_big_endian(head, static_cast<std::size_t>(size.height));
  // Deflate, filtered by row, not interlaced.
  head += {layout.bits, layout.color_type, 0, 0, 0};
  put_chunk("IHDR", bytes_of(head));
}

void PngEncoder::add_row(std::span<const std::uint8_t> row) {
  fill_in_blocks(filtered_.data() + 1, row_bytes(),
                 [from = row.data(), up = above_.data()](std::size_t i) {
                   return static_cast<std::uint8_t>(from[i] - up[i]);
                 });
  deflate_.add(std::as_bytes(std::span(filtered_)));
  std::copy_n(row.data(), row.size(), above_.data());
}

void PngEncoder::finish() {
  deflate_.finish();
  put_chunk("IEND", {});
}

void PngEncoder::put_chunk(std::string_view name, std::span<const std::byte> data) {
  std::string frame;
  put_big_endian(frame, data.size());
  frame += name;
  on_bytes_(bytes_of(frame));
  on_bytes_(data);
  frame.clear();
  put_big_endian(frame, crc32(crc32(0, bytes_of(name)), data));
  on_bytes_(bytes_of(frame));
}

std::string encode_png(const Image& image) {
  std::string out;
  PngEncoder encoder({image.width(), image.height()},
                     image.channels() == 1 ? PngEncoder::Pixel::kGrey8 : PngEncoder::Pixel::kRgb8,
                     [&](std::span<const std::byte> piece) {
                       out.append(reinterpret_cast<const char*>(piece.data()), piece.size());
                     });
  const std::size_t stride = encoder.row_bytes();
  for (std::size_t at = 0; at < image.pixels().size(); at += stride) {
    encoder.add_row(image.pixels().subspan(at, stride));
  }
  encoder.finish();
  return out;
}

}  // namespace npu::media
