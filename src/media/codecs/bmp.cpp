// Windows bitmaps, after BITMAPFILEHEADER, BITMAPINFOHEADER and BITMAPV4HEADER of Microsoft's
// documentation. Not those that are run-length coded.
#include <algorithm>
#include <array>
#include <bit>

#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kMasksAt = 54;
constexpr std::uint32_t kPlain = 0;
constexpr std::uint32_t kBitFields = 3;
constexpr std::uint32_t kAlphaBitFields = 6;

using Color = std::array<std::uint8_t, 3>;

// One colour of a pixel: the bits of its number under a mask, stretched to 0..255.
class Channel {
 public:
  explicit Channel(std::uint32_t mask) : mask_(mask), shift_(std::countr_zero(mask)) {}

  bool valid() const { return mask_ == 0 || std::has_single_bit((mask_ >> shift_) + 1ULL); }
  std::uint8_t of(std::uint32_t pixel) const {
    if (mask_ == 0) return 0;
    const std::uint64_t most = mask_ >> shift_;
    return static_cast<std::uint8_t>(((pixel & mask_) >> shift_) * 255ULL / most);
  }

 private:
  std::uint32_t mask_;
  int shift_;
};

std::array<std::uint32_t, 3> masks_of(const ByteReader& in, std::uint32_t bits,
                                      std::uint32_t compression) {
  if (compression != kPlain) {
    return {in.u32(kMasksAt).value_or(0), in.u32(kMasksAt + 4).value_or(0),
            in.u32(kMasksAt + 8).value_or(0)};
  }
  if (bits == 16) return {0x7c00, 0x03e0, 0x001f};
  return {0xff0000, 0x00ff00, 0x0000ff};
}

// A number that has no colour is black.
std::array<Color, 256> palette_of(const ByteReader& in, std::uint32_t bits) {
  std::array<Color, 256> palette{};
  const std::size_t at = kFileHeader + *in.u32(14);
  const std::uint32_t used = in.u32(46).value_or(0);
  const std::size_t count = std::min<std::size_t>(used == 0 ? 256 : used, std::size_t{1} << bits);
  for (std::size_t i = 0; i < count; ++i) {
    const auto color = in.number<3>(at + i * 4);
    if (!color) break;
    palette.at(i) = {static_cast<std::uint8_t>(*color >> 16),
                     static_cast<std::uint8_t>(*color >> 8), static_cast<std::uint8_t>(*color)};
  }
  return palette;
}

// Pixels of 1, 4 or 8 bits, the first in the high ones.
void unpack_numbers(std::span<const std::byte> row, std::uint32_t bits,
                    const std::array<Color, 256>& palette, std::span<std::uint8_t> out) {
  const std::size_t a_byte = 8 / bits;
  const std::uint32_t most = (1U << bits) - 1;
  for (std::size_t x = 0; x < out.size() / 3; ++x) {
    const auto packed = std::to_integer<std::uint32_t>(row[x / a_byte]);
    const auto shift = static_cast<std::uint32_t>(a_byte - 1 - x % a_byte) * bits;
    std::ranges::copy(palette.at((packed >> shift) & most),
                      out.begin() + static_cast<std::ptrdiff_t>(x * 3));
  }
}

// Pixels of 16, 24 or 32 bits.
void unpack_colors(std::span<const std::byte> row, std::uint32_t bits,
                   const std::array<Channel, 3>& channels, std::span<std::uint8_t> out) {
  const std::size_t size = bits / 8;
  for (std::size_t x = 0; x < out.size() / 3; ++x) {
    std::uint32_t pixel = 0;
    for (std::size_t i = size; i-- > 0;) {
      pixel = (pixel << 8) | std::to_integer<std::uint32_t>(row[x * size + i]);
    }
    for (std::size_t c = 0; c < 3; ++c) out[x * 3 + c] = channels.at(c).of(pixel);
  }
}

}  // namespace

Result<Image> decode_bmp(Bytes bytes, const ImageInfo& info) {
  const ByteReader in(bytes, false);
  const std::uint32_t bits = *in.u16(28);
  const std::uint32_t compression = *in.u32(30);
  const bool numbers = bits == 1 || bits == 4 || bits == 8;
  const bool fields = compression == kBitFields || compression == kAlphaBitFields;
  if (!(numbers || bits == 16 || bits == 24 || bits == 32) ||
      !(compression == kPlain || (fields && (bits == 16 || bits == 32)))) {
    return malformed(info.format);
  }
  const auto palette = palette_of(in, numbers ? bits : 0);
  const auto masks = masks_of(in, bits, compression);
  const std::array<Channel, 3> channels{Channel(masks[0]), Channel(masks[1]), Channel(masks[2])};
  if (!std::ranges::all_of(channels, &Channel::valid)) return malformed(info.format);

  const std::size_t stride = (std::size_t{info.width} * bits + 31) / 32 * 4;
  const auto rows = bytes.subspan(*in.u32(10));
  const bool from_the_top = static_cast<std::int32_t>(*in.u32(22)) < 0;
  Image image = rgb_image(info);
  for (std::size_t y = 0; y < info.height; ++y) {
    const auto row = rows.subspan((from_the_top ? y : info.height - 1 - y) * stride, stride);
    const auto out = image.pixels().subspan(y * info.width * 3, std::size_t{info.width} * 3);
    if (numbers) {
      unpack_numbers(row, bits, palette, out);
    } else {
      unpack_colors(row, bits, channels, out);
    }
  }
  return image;
}

}  // namespace npu::media::codecs
