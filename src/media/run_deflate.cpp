#include "media/run_deflate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>

#include <zlib.h>

namespace npu::media {
namespace {

static_assert(std::endian::native == std::endian::little, "bits are stored by the word");

constexpr std::size_t kBlock = std::size_t{128} << 10;  // shares one code
constexpr std::size_t kMinRun = 3;
constexpr std::size_t kMaxRun = 258;
constexpr std::size_t kFirstRun = 256;  // the token of the shortest
constexpr std::size_t kMostBits = 13;   // for a byte, see lengths_of()
constexpr std::size_t kTokens = kFirstRun + kMaxRun - kMinRun + 1;

// The alphabet of RFC 1951, 3.2.5: bytes, the end of the block, classes of lengths.
constexpr std::size_t kSymbols = 286;
constexpr std::size_t kEndOfBlock = 256;

struct Symbol {
  std::uint16_t number = 0;
  std::uint8_t extra_bits = 0;
  std::uint8_t extra = 0;
};

constexpr auto kSymbolOf = [] {
  std::array<Symbol, kTokens> symbols{};
  std::size_t token = 0;
  for (; token < kFirstRun; ++token) symbols[token].number = static_cast<std::uint16_t>(token);
  for (std::uint16_t number = 257; number < kSymbols - 1; ++number) {
    const unsigned extra_bits = number < 265 ? 0 : (number - 261U) / 4;
    for (unsigned extra = 0; extra < 1U << extra_bits && token < kTokens - 1; ++extra) {
      symbols[token++] = {number, static_cast<std::uint8_t>(extra_bits),
                          static_cast<std::uint8_t>(extra)};
    }
  }
  symbols[token].number = kSymbols - 1;
  return symbols;
}();

using Counts = std::array<std::uint32_t, kSymbols>;
using Lengths = std::array<std::uint8_t, kSymbols>;  // in bits; 0: no code

// Shannon's code: -log2 of the probability, rounded up. What that leaves of the room goes to the
// most frequent symbols, because readers take complete codes only. A few percent from Huffman's,
// without his tree, and never too long: nothing counts for less than a 4096th. At least two counts
// are not 0.
Lengths lengths_of(Counts counts) {
  constexpr unsigned kLongest = 15;
  std::uint32_t total = 0;
  for (const std::uint32_t count : counts) total += count;
  const std::uint32_t least = total >> 12;
  total = 0;
  for (std::uint32_t& count : counts) {
    if (count != 0) count = std::max(count, least);
    total += count;
  }

  Lengths lengths{};
  std::uint32_t room = 1U << kLongest;
  std::vector<std::size_t> by_count;
  for (std::size_t i = 0; i < kSymbols; ++i) {
    if (counts[i] == 0) continue;
    const std::uint32_t ratio = (total + counts[i] - 1) / counts[i];
    lengths[i] = static_cast<std::uint8_t>(std::bit_width(ratio - 1));
    room -= 1U << (kLongest - lengths[i]);
    by_count.push_back(i);
  }
  std::ranges::sort(by_count, std::greater(), [&](std::size_t i) { return counts[i]; });
  while (room != 0) {
    for (const std::size_t i : by_count) {
      const std::uint32_t more = 1U << (kLongest - lengths[i]);
      if (more > room) continue;
      room -= more;
      --lengths[i];
    }
  }
  return lengths;
}

std::uint32_t reversed(std::uint32_t code, unsigned length) {
  std::uint32_t out = 0;
  for (; length != 0; --length, code >>= 1) out = out << 1 | (code & 1);
  return out;
}

// RFC 1951, 3.2.2, with the first bit lowest.
std::array<std::uint32_t, kSymbols> codes_of(const Lengths& lengths) {
  std::array<std::uint32_t, kSymbols> codes{};
  std::uint32_t next = 0;
  for (unsigned length = 1; length <= 15; ++length, next <<= 1) {
    for (std::size_t i = 0; i < kSymbols; ++i) {
      if (lengths[i] == length) codes[i] = reversed(next++, length);
    }
  }
  return codes;
}

std::uint32_t word_at(const std::uint8_t* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

}  // namespace

std::size_t RunDeflate::bound(std::size_t bytes) {
  return bytes * kMostBits / 8 + (bytes / kBlock + 1) * 512;
}

RunDeflate::RunDeflate(OnPiece on_piece)
    : on_piece_(std::move(on_piece)),
      tokens_(kBlock),
      piece_(bound(kBlock)),
      bits_{.at = piece_.data()} {
  block_.reserve(kBlock);
  bits_.put(0x0178, 16);  // deflate with a window of 32 KiB, level 0
}

void RunDeflate::add(std::span<const std::uint8_t> bytes) {
  check_ = static_cast<std::uint32_t>(::adler32_z(check_, bytes.data(), bytes.size()));
  while (!bytes.empty()) {
    if (block_.size() == kBlock) write_block(false);
    const auto part = bytes.first(std::min(bytes.size(), kBlock - block_.size()));
    block_.insert(block_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
  }
}

void RunDeflate::finish() {
  write_block(true);
  bits_.put(0, (8 - bits_.count) % 8);
  for (int shift = 24; shift >= 0; shift -= 8) bits_.put(check_ >> shift & 0xff, 8);
  pass_on();
}

void RunDeflate::pass_on() {
  on_piece_({piece_.data(), bits_.at});
  bits_.at = piece_.data();
}

std::span<const std::uint16_t> RunDeflate::tokenize() {
  std::uint16_t* token = tokens_.data();
  const std::uint8_t* at = block_.data();
  const std::uint8_t* const end = at + block_.size();
  while (at != end) {
    const std::uint8_t byte = *at++;
    *token++ = byte;
    while (end - at >= 3 && word_at(at - 1) == byte * 0x01010101U) {
      const std::uint8_t* const limit = at + std::min<std::ptrdiff_t>(end - at, kMaxRun);
      const std::uint8_t* const behind =
          std::find_if(at + kMinRun, limit, [&](std::uint8_t next) { return next != byte; });
      *token++ =
          static_cast<std::uint16_t>(kFirstRun + static_cast<std::size_t>(behind - at) - kMinRun);
      at = behind;
    }
  }
  return {tokens_.data(), token};
}

void RunDeflate::write_block(bool last) {
  const auto tokens = tokenize();
  std::array<std::uint32_t, kTokens> seen{};
  for (const std::uint16_t token : tokens) ++seen[token];
  Counts counts{};
  for (std::size_t token = 0; token < kTokens; ++token)
    counts[kSymbolOf[token].number] += seen[token];
  counts[kEndOfBlock] = 1;
  counts[0] = std::max(counts[0], 1U);
  const Lengths lengths = lengths_of(counts);
  const auto codes = codes_of(lengths);

  Bits bits = bits_;                     // kept in registers
  bits.put((last ? 1 : 0) | 2 << 1, 3);  // with a code of its own,
  bits.put(kSymbols - 257, 5);           // of all symbols
  bits.put(2 - 1, 5);                    // and two distances,
  bits.put(19 - 4, 4);                   // whose lengths are written with four bits each
  bits.put(0, 3 * 3);
  for (int i = 0; i < 16; ++i) bits.put(4, 3);
  for (const std::uint8_t length : lengths) bits.put(reversed(length, 4), 4);
  for (int i = 0; i < 2; ++i) bits.put(reversed(1, 4), 4);

  struct Code {
    std::uint32_t bits = 0;
    std::uint32_t count = 0;
  };
  std::array<Code, kTokens> code_of{};
  for (std::size_t token = 0; token < kTokens; ++token) {
    const Symbol symbol = kSymbolOf[token];
    const std::uint32_t length = lengths[symbol.number];
    const std::uint32_t distance = token < kFirstRun ? 0 : 1;  // bits of it: of one byte, a zero
    code_of[token] = {codes[symbol.number] | std::uint32_t{symbol.extra} << length,
                      length + symbol.extra_bits + distance};
  }
  for (const std::uint16_t token : tokens) bits.put(code_of[token].bits, code_of[token].count);
  bits.put(codes[kEndOfBlock], lengths[kEndOfBlock]);
  bits_ = bits;
  block_.clear();
  if (!last) pass_on();
}

}  // namespace npu::media
