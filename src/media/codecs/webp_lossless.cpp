#include "media/codecs/webp_lossless.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace npu::media::codecs {
namespace {

constexpr unsigned kLiterals = 256;
constexpr unsigned kLengths = 24;
constexpr unsigned kDistances = 40;
constexpr unsigned kMaxCacheBits = 11;
constexpr unsigned kMaxAlphabet = kLiterals + kLengths + (1U << kMaxCacheBits);

class LosslessBits {
 public:
  explicit LosslessBits(Bytes bytes) : bytes_(bytes) {}

  // Zero behind the end.
  unsigned bit() {
    const std::size_t byte = position_ / 8;
    if (byte >= bytes_.size()) {
      ended_ = true;
      return 0;
    }
    return (std::to_integer<unsigned>(bytes_[byte]) >> (position_++ % 8)) & 1;
  }
  // A number, its lowest bit first.
  std::uint32_t read(unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i) value |= bit() << i;
    return value;
  }

  std::size_t position() const { return position_; }
  // More was asked for than there is.
  bool ended() const { return ended_; }

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
  bool ended_ = false;
};

// A canonical prefix code.
class PrefixCode {
 public:
  // The length of each symbol's code, at most 15; 0: the symbol has none. False where some sequence
  // of bits is no code or is two. The code of an only symbol is empty, whatever its length.
  bool build(std::span<const std::uint8_t> lengths) {
    counts_ = {};
    for (const std::uint8_t length : lengths) ++counts_[length];
    counts_[0] = 0;
    std::array<std::uint16_t, kMaxLength + 2> starts{};
    int open = 1;
    for (std::size_t length = 1; length <= kMaxLength; ++length) {
      starts[length + 1] = static_cast<std::uint16_t>(starts[length] + counts_[length]);
      open = open * 2 - counts_[length];
      if (open < 0) return false;
    }
    only_ = starts.back() == 1;
    if (open != 0 && !only_) return false;
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] == 0) continue;
      symbols_[starts[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
    }
    return true;
  }

  unsigned next(LosslessBits& bits) const {
    if (only_) return symbols_[0];
    unsigned code = 0;
    unsigned first = 0;  // code of this length
    unsigned index = 0;  // of its symbol
    for (std::size_t length = 1; length <= kMaxLength; ++length) {
      code = code << 1 | bits.bit();
      first <<= 1;
      if (code - first < counts_[length]) return symbols_[index + code - first];
      index += counts_[length];
      first += counts_[length];
    }
    return 0;  // not reached: every sequence begins with a code
  }

 private:
  static constexpr std::size_t kMaxLength = 15;

  bool only_ = false;
  std::array<std::uint16_t, kMaxLength + 1> counts_{};  // of each length
  std::array<std::uint16_t, kMaxAlphabet> symbols_{};   // by length, then by number
};

using CodeLengths = std::array<std::uint8_t, kMaxAlphabet>;

// One or two symbols that are named.
void read_simple_lengths(LosslessBits& bits, CodeLengths& lengths) {
  const bool two = bits.bit() != 0;
  const unsigned width = bits.bit() != 0 ? 8 : 1;
  lengths[bits.read(width)] = 1;
  if (two) lengths[bits.read(8)] = 1;
}

// The lengths are in a prefix code themselves.
bool read_coded_lengths(LosslessBits& bits, std::span<std::uint8_t> lengths) {
  constexpr std::array<std::uint8_t, 19> kOrder{17, 18, 0, 1,  2,  3,  4,  5,  16, 6,
                                                7,  8,  9, 10, 11, 12, 13, 14, 15};
  constexpr unsigned kRepeatLast = 16;
  constexpr unsigned kFewZeros = 17;
  std::array<std::uint8_t, kOrder.size()> own{};
  for (std::size_t i = 0, count = bits.read(4) + 4; i < count; ++i) {
    own[kOrder[i]] = static_cast<std::uint8_t>(bits.read(3));
  }
  PrefixCode code;
  if (!code.build(own)) return false;
  std::size_t codes = lengths.size();
  if (bits.bit() != 0) {
    const unsigned width = 2 + 2 * bits.read(3);
    codes = 2 + bits.read(width);
    if (codes > lengths.size()) return false;
  }
  std::uint8_t last = 8;
  for (std::size_t at = 0; at < lengths.size() && codes != 0; --codes) {
    const unsigned length = code.next(bits);
    if (length < kRepeatLast) {
      lengths[at] = static_cast<std::uint8_t>(length);
      if (length != 0) last = lengths[at];
      ++at;
      continue;
    }
    const std::size_t times = length == kRepeatLast ? 3 + bits.read(2)
                              : length == kFewZeros ? 3 + bits.read(3)
                                                    : 11 + bits.read(7);
    if (times > lengths.size() - at) return false;
    std::ranges::fill(lengths.subspan(at, times), length == kRepeatLast ? last : std::uint8_t{0});
    at += times;
  }
  return true;
}

bool read_prefix_code(LosslessBits& bits, unsigned alphabet, PrefixCode& code) {
  CodeLengths lengths{};
  const auto used = std::span(lengths).first(alphabet);
  if (bits.bit() != 0) {
    read_simple_lengths(bits, lengths);
  } else if (!read_coded_lengths(bits, used)) {
    return false;
  }
  return code.build(used);
}

// How many colours it has.
std::optional<unsigned> read_color_cache(LosslessBits& bits) {
  if (bits.bit() == 0) return 0;
  const unsigned width = bits.read(4);
  if (width < 1 || width > kMaxCacheBits) return std::nullopt;
  return 1U << width;
}

// The length or distance of a copy, whose prefix has been read.
std::uint32_t read_copy_number(LosslessBits& bits, unsigned prefix) {
  if (prefix < 4) return prefix + 1;
  const unsigned extra = (prefix - 2) / 2;
  return ((2 + prefix % 2) << extra) + bits.read(extra) + 1;
}

// Reads past an image within the picture's head and tells the largest of what red and green make
// as one number. Pixels that are copied or come from the cache have none that did not occur, but 0,
// so that no pixel has to be kept.
std::optional<std::uint32_t> pass_image(LosslessBits& bits, std::uint32_t pixels,
                                        MeteredBudget& budget) {
  const auto cached = read_color_cache(bits);
  PrefixCode greens;
  PrefixCode reds;
  PrefixCode blues;
  PrefixCode alphas;
  PrefixCode distances;
  if (!cached || !read_prefix_code(bits, kLiterals + kLengths + *cached, greens) ||
      !read_prefix_code(bits, kLiterals, reds) || !read_prefix_code(bits, kLiterals, blues) ||
      !read_prefix_code(bits, kLiterals, alphas) ||
      !read_prefix_code(bits, kDistances, distances)) {
    return std::nullopt;
  }
  std::uint32_t largest = 0;
  while (pixels != 0) {
    if (bits.ended() || budget.spent_after(1)) return std::nullopt;
    const unsigned green = greens.next(bits);
    std::uint32_t covered = 1;
    if (green < kLiterals) {
      largest = std::max(largest, reds.next(bits) << 8 | green);
      blues.next(bits);
      alphas.next(bits);
    } else if (green < kLiterals + kLengths) {
      covered = read_copy_number(bits, green - kLiterals);
      read_copy_number(bits, distances.next(bits));
    }
    if (covered > pixels) return std::nullopt;
    pixels -= covered;
  }
  return largest;
}

std::uint32_t tiles(std::uint32_t side, unsigned bits) { return (side + (1U << bits) - 1) >> bits; }

// An image with one pixel for each tile of the picture.
std::optional<std::uint32_t> pass_tiles(LosslessBits& bits, std::uint32_t width,
                                        std::uint32_t height, MeteredBudget& budget) {
  const unsigned size = bits.read(3) + 2;
  return pass_image(bits, tiles(width, size) * tiles(height, size), budget);
}

// False where it is not one. A palette packs several pixels into one, and width is then smaller.
bool pass_transforms(LosslessBits& bits, std::uint32_t& width, std::uint32_t height,
                     MeteredBudget& budget) {
  constexpr unsigned kSubtractGreen = 2;
  constexpr unsigned kColorIndexing = 3;
  unsigned seen = 0;
  while (bits.bit() != 0) {
    const unsigned type = bits.read(2);
    if ((seen >> type & 1) != 0) return false;
    seen |= 1U << type;
    if (type == kSubtractGreen) continue;
    if (type != kColorIndexing) {
      if (!pass_tiles(bits, width, height, budget)) return false;
      continue;
    }
    const unsigned colors = bits.read(8) + 1;
    if (!pass_image(bits, colors, budget)) return false;
    width = tiles(width, colors > 16 ? 0 : colors > 4 ? 1 : colors > 2 ? 2 : 3);
  }
  return true;
}

std::optional<LosslessHead> parse_lossless_head(LosslessBits& bits, MeteredBudget& budget) {
  constexpr unsigned kVp8l = 0x2f;
  if (bits.read(8) != kVp8l) return std::nullopt;
  std::uint32_t width = bits.read(14) + 1;
  const std::uint32_t height = bits.read(14) + 1;
  bits.read(1);  // whether there is alpha
  const bool known_version = bits.read(3) == 0;
  if (!known_version || !pass_transforms(bits, width, height, budget)) return std::nullopt;
  if (!read_color_cache(bits)) return std::nullopt;
  LosslessHead head;
  if (bits.bit() != 0) {
    const auto largest = pass_tiles(bits, width, height, budget);
    if (!largest) return std::nullopt;
    head.groups = *largest + 1;
  }
  head.bits = bits.position();
  return head;
}

}  // namespace

Result<LosslessHead> read_lossless_head(Bytes bitstream, const CpuBudget& budget) {
  LosslessBits bits(bitstream);
  MeteredBudget metered(&budget);
  const auto head = parse_lossless_head(bits, metered);
  if (metered.spent()) return too_slow(ImageFormat::kWebp, budget);
  if (bits.ended()) return cut_off(ImageFormat::kWebp);
  if (!head) return malformed(ImageFormat::kWebp);
  return *head;
}

}  // namespace npu::media::codecs
