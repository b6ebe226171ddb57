// Compression for what is sent once and thrown away: speed counts, the last percent does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace npu::media {

class Deflate {
 public:
  enum class Container {
    kNone,  // RFC 1951, as in zip
    kZlib,  // RFC 1950, as in PNG
  };
  // Takes the stream, piece by piece. A piece is valid during the call.
  using OnPiece = std::function<void(std::span<const std::byte> piece)>;

  Deflate(Container container, OnPiece on_piece);
  ~Deflate();

  void add(std::span<const std::byte> bytes);
  // Once, after the last add().
  void finish();

  // How many bytes become of so many that cannot be compressed, with something to spare.
  static std::size_t bound(std::size_t bytes) { return bytes + bytes / 16 + 1024; }

 private:
  struct State;
  void run();

  OnPiece on_piece_;
  std::unique_ptr<State> state_;
};

// Of zip and PNG; the one of what stands before is taken up, at first 0.
std::uint32_t crc32(std::uint32_t before, std::span<const std::byte> bytes);

}  // namespace npu::media
