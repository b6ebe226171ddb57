// Windows bitmaps, after BITMAPFILEHEADER, BITMAPINFOHEADER and BITMAPV4HEADER of Microsoft's
// documentation, and the BITMAPCOREHEADER of OS/2.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include "media/byte_reader.hpp"
#include "media/codecs/codecs.hpp"

namespace npu::media::codecs {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::size_t kMasksAt = 54;
constexpr std::uint32_t kCoreHeader = 12;
constexpr std::uint32_t kBmpPlain = 0;
constexpr std::uint32_t kRuns8 = 1;
constexpr std::uint32_t kRuns4 = 2;
constexpr std::uint32_t kBitFields = 3;
constexpr std::uint32_t kAlphaBitFields = 6;

struct BmpHead {
  std::int64_t width = 0;
  std::int64_t height = 0;  // negative: rows from the top
  std::uint32_t bits = 0;
  std::uint32_t compression = kBmpPlain;
  std::uint32_t colors = 0;
  std::size_t palette_at = 0;
  std::size_t a_color = 4;  // bytes in the palette
  std::size_t pixels_at = 0;

  bool runs() const { return compression == kRuns8 || compression == kRuns4; }
  std::size_t stride() const { return (static_cast<std::size_t>(width) * bits + 31) / 32 * 4; }
};

// Empty where it is cut off.
std::optional<BmpHead> bmp_head_of(Bytes bytes) {
  const ByteReader in(bytes, false);
  const auto pixels_at = in.u32(10);
  const auto size = in.u32(14);
  if (!size || !in.u32(22)) return std::nullopt;
  BmpHead head{.palette_at = kFileHeader + *size, .pixels_at = *pixels_at};
  if (*size == kCoreHeader) {
    head.width = *in.u16(18);
    head.height = *in.u16(20);
    head.bits = *in.u16(24);
    head.a_color = 3;
    return head;
  }
  if (*size < 40) return head;
  if (!in.u32(46)) return std::nullopt;
  head.width = static_cast<std::int32_t>(*in.u32(18));
  head.height = static_cast<std::int32_t>(*in.u32(22));
  head.bits = *in.u16(28);
  head.compression = *in.u32(30);
  head.colors = *in.u32(46);
  return head;
}

// Of the kinds that are decoded.
bool is_known_bmp(const BmpHead& head) {
  switch (head.compression) {
    case kBmpPlain:
      return head.bits == 1 || head.bits == 4 || head.bits == 8 || head.bits == 16 ||
             head.bits == 24 || head.bits == 32;
    case kRuns8: return head.bits == 8 && head.height > 0;
    case kRuns4: return head.bits == 4 && head.height > 0;
    case kBitFields:
    case kAlphaBitFields: return head.bits == 16 || head.bits == 32;
    default: return false;
  }
}

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
  if (compression != kBmpPlain) {
    return {in.u32(kMasksAt).value_or(0), in.u32(kMasksAt + 4).value_or(0),
            in.u32(kMasksAt + 8).value_or(0)};
  }
  if (bits == 16) return {0x7c00, 0x03e0, 0x001f};
  return {0xff0000, 0x00ff00, 0x0000ff};
}

// A number that has no colour is black.
std::array<Color, 256> palette_of(const ByteReader& in, const BmpHead& head) {
  std::array<Color, 256> palette{};
  const std::size_t most = std::size_t{1} << std::min(head.bits, 8U);
  const std::size_t count = std::min<std::size_t>(head.colors == 0 ? most : head.colors, most);
  for (std::size_t i = 0; i < count; ++i) {
    const auto color = in.number<3>(head.palette_at + i * head.a_color);
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

// Runs of numbers, from the lowest row up; what they leave out is number 0. False where they end
// before they say so and before the last row.
bool unpack_runs(Bytes runs, const BmpHead& head, std::vector<std::uint8_t>& numbers) {
  const auto width = static_cast<std::size_t>(head.width);
  const auto height = static_cast<std::size_t>(head.height);
  const bool nibbles = head.compression == kRuns4;
  std::size_t x = 0;
  std::size_t y = 0;
  const auto put = [&](std::size_t count, auto number_of) {
    const std::size_t fit = std::min(count, width - std::min(x, width));
    for (std::size_t i = 0; i < fit; ++i) numbers[(height - 1 - y) * width + x + i] = number_of(i);
    x += count;
  };
  const auto half = [&](std::uint32_t byte, std::size_t i) {
    return static_cast<std::uint8_t>(nibbles ? (byte >> (i % 2 == 0 ? 4 : 0)) & 15 : byte);
  };
  const ByteReader in(runs, false);
  for (std::size_t at = 0; y < height;) {
    const auto count = in.u8(at);
    const auto value = in.u8(at + 1);
    if (!value) return y + 1 == height && x >= width;
    at += 2;
    if (*count != 0) {
      put(*count, [&](std::size_t i) { return half(*value, i); });
    } else if (*value == 0) {
      x = 0;
      ++y;
    } else if (*value == 1) {
      return true;
    } else if (*value == 2) {
      const auto right = in.u8(at);
      const auto up = in.u8(at + 1);
      if (!up) return false;
      x += *right;
      y += *up;
      at += 2;
    } else {
      const std::size_t bytes = nibbles ? (*value + 1) / 2 : *value;
      if (bytes > in.size() - std::min(at, in.size())) return false;
      put(*value, [&](std::size_t i) { return half(*in.u8(at + (nibbles ? i / 2 : i)), i); });
      at += bytes + bytes % 2;
    }
  }
  return true;
}

Result<Image> decode_runs(Bytes bytes, const ImageInfo& info, const BmpHead& head,
                          const std::array<Color, 256>& palette) {
  std::vector<std::uint8_t> numbers(std::size_t{info.width} * info.height);
  if (!unpack_runs(bytes.subspan(head.pixels_at), head, numbers)) return cut_off(info.format);
  Image image = rgb_image(info);
  auto out = image.pixels().begin();
  for (const std::uint8_t number : numbers) {
    out = std::ranges::copy(palette.at(number), out).out;
  }
  return image;
}

}  // namespace

Result<ImageInfo> probe_bmp(Bytes bytes) {
  const auto head = bmp_head_of(bytes);
  if (!head) return cut_off(ImageFormat::kBmp);
  if (head->width <= 0 || head->height == std::numeric_limits<std::int32_t>::min() ||
      !is_known_bmp(*head)) {
    return malformed(ImageFormat::kBmp);
  }
  const auto rows = static_cast<std::uint32_t>(std::abs(head->height));
  const std::uint64_t needed = head->runs() ? 0 : std::uint64_t{head->stride()} * rows;
  if (head->pixels_at > bytes.size() || needed > bytes.size() - head->pixels_at) {
    return cut_off(ImageFormat::kBmp);
  }
  return ImageInfo{ImageFormat::kBmp, static_cast<std::uint32_t>(head->width), rows};
}

Result<Image> decode_bmp(Bytes bytes, const ImageInfo& info) {
  const ByteReader in(bytes, false);
  const auto head = bmp_head_of(bytes);
  if (!head || !is_known_bmp(*head) || head->pixels_at > bytes.size())
    return malformed(info.format);
  const auto palette = palette_of(in, *head);
  if (head->runs()) return decode_runs(bytes, info, *head, palette);
  const auto masks = masks_of(in, head->bits, head->compression);
  const std::array<Channel, 3> channels{Channel(masks[0]), Channel(masks[1]), Channel(masks[2])};
  if (!std::ranges::all_of(channels, &Channel::valid)) return malformed(info.format);

  const std::size_t stride = head->stride();
  const auto rows = bytes.subspan(head->pixels_at);
  Image image = rgb_image(info);
  for (std::size_t y = 0; y < info.height; ++y) {
    const auto row = rows.subspan((head->height < 0 ? y : info.height - 1 - y) * stride, stride);
    const auto out = image.pixels().subspan(y * info.width * 3, std::size_t{info.width} * 3);
    if (head->bits <= 8) {
      unpack_numbers(row, head->bits, palette, out);
    } else {
      unpack_colors(row, head->bits, channels, out);
    }
  }
  return image;
}

}  // namespace npu::media::codecs
