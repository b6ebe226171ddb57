// Compression of filtered rows of pixels into a zlib stream (RFC 1950, 1951), at several times the
// speed of zlib's quickest level.
//
// Nothing is searched for. What a filter leaves of a smooth picture is small numbers and runs of
// zeros, so a byte stands for itself or, with the equal ones behind it, for a run.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <vector>

namespace npu::media {

class RunDeflate {
 public:
  // Takes the stream, piece by piece. A piece is valid during the call.
  using OnPiece = std::function<void(std::span<const std::uint8_t> piece)>;

  explicit RunDeflate(OnPiece on_piece);
  // The most that comes of so many bytes, in pieces of which each has room for 256 bytes more.
  static std::size_t bound(std::size_t bytes);

  void add(std::span<const std::uint8_t> bytes);
  // Once, after the last add().
  void finish();

 private:
  // Bits to bytes, the first one lowest. Eight bytes behind those that are full are scratch.
  struct Bits {
    std::uint8_t* at = nullptr;
    std::uint64_t pending = 0;  // less than a byte
    unsigned count = 0;         // of pending

    void put(std::uint64_t bits, unsigned bit_count) {
      pending |= bits << count;
      count += bit_count;
      std::memcpy(at, &pending, sizeof(pending));
      at += count / 8;
      pending >>= count & ~7U;
      count &= 7;
    }
  };

  std::span<const std::uint16_t> tokenize();
  void write_block(bool last);
  void pass_on();

  OnPiece on_piece_;
  std::vector<std::uint8_t> block_;
  std::vector<std::uint16_t> tokens_;  // 0..255: a byte; above: a run
  std::vector<std::uint8_t> piece_;
  Bits bits_;                // into piece_
  std::uint32_t check_ = 1;  // Adler-32
};

}  // namespace npu::media
