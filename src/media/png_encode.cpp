#include "media/png_encode.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "media/blocks.hpp"
#include "media/deflate.hpp"

namespace npu::media {
namespace {

// What the specification calls them.
constexpr char kGrey = 0;
constexpr char kTrueColor = 2;
constexpr std::uint8_t kFilterUp = 2;

void put_big_endian(std::string& out, std::size_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

void put_chunk(std::string& out, std::string_view name, std::string_view data) {
  put_big_endian(out, data.size());
  const std::size_t checked_from = out.size();
  out.append(name).append(data);
  put_big_endian(out, crc32(0, std::as_bytes(std::span(out).subspan(checked_from))));
}

// fill_row(y, bytes of the row).
template <class FillRow>
void append(std::string& out, Size size, char bits, char color_type, std::size_t pixel_bytes,
            const FillRow& fill_row) {
  out += "\x89PNG\r\n\x1a\n";
  std::string head;
  put_big_endian(head, static_cast<std::size_t>(size.width));
  put_big_endian(head, static_cast<std::size_t>(size.height));
  head += {bits, color_type, 0, 0, 0};  // deflate, filtered by row, not interlaced
  put_chunk(out, "IHDR", head);

  Deflate deflate(Deflate::Container::kZlib, [&](std::span<const std::byte> piece) {
    put_chunk(out, "IDAT", {reinterpret_cast<const char*>(piece.data()), piece.size()});
  });
  const std::size_t stride = static_cast<std::size_t>(size.width) * pixel_bytes;
  std::vector<std::uint8_t> above(stride);
  std::vector<std::uint8_t> row(stride);
  std::vector<std::uint8_t> filtered(1 + stride, kFilterUp);
  for (int y = 0; y < size.height; ++y) {
    fill_row(y, std::span(row));
    fill_in_blocks(filtered.data() + 1, stride,
                   [from = row.data(), up = above.data()](std::size_t i) {
                     return static_cast<std::uint8_t>(from[i] - up[i]);
                   });
    deflate.add(std::as_bytes(std::span(filtered)));
    std::swap(row, above);
  }
  deflate.finish();
  put_chunk(out, "IEND", {});
}

}  // namespace

std::string encode_png(const Image& image) {
  std::string out;
  const auto channels = static_cast<std::size_t>(image.channels());
  append(out, {image.width(), image.height()}, 8, channels == 1 ? kGrey : kTrueColor, channels,
         [&](int y, std::span<std::uint8_t> row) {
           const auto at = static_cast<std::size_t>(y) * row.size();
           std::ranges::copy(image.pixels().subspan(at, row.size()), row.begin());
         });
  return out;
}

void append_png(std::string& out, Size size, const FillRgb& fill_row) {
  append(out, size, 8, kTrueColor, 3, fill_row);
}

void append_png16(std::string& out, Size size, const FillGrey16& fill_row) {
  std::vector<std::uint16_t> samples(static_cast<std::size_t>(size.width));
  append(out, size, 16, kGrey, 2, [&](int y, std::span<std::uint8_t> row) {
    fill_row(y, samples);
    for (std::size_t x = 0; x < samples.size(); ++x) {
      row[2 * x] = static_cast<std::uint8_t>(samples[x] >> 8);
      row[2 * x + 1] = static_cast<std::uint8_t>(samples[x] & 0xff);
    }
  });
}

std::size_t png_bound(Size size, std::size_t pixel_bytes) {
  const std::size_t stride = 1 + static_cast<std::size_t>(size.width) * pixel_bytes;
  return Deflate::bound(stride * static_cast<std::size_t>(size.height));
}

}  // namespace npu::media
