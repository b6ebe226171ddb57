#include "media/deflate.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

namespace npu::media {

struct Deflate::State {
  isal_zstream stream{};
  std::array<std::uint8_t, ISAL_DEF_LVL1_DEFAULT> level{};
  std::array<std::uint8_t, std::size_t{64} << 10> piece{};
};

Deflate::Deflate(Container container, OnPiece on_piece)
    : on_piece_(std::move(on_piece)), state_(std::make_unique<State>()) {
  isal_zstream& stream = state_->stream;
  ::isal_deflate_init(&stream);
  stream.gzip_flag = container == Container::kZlib ? IGZIP_ZLIB : IGZIP_DEFLATE;
  stream.level = 1;
  stream.level_buf = state_->level.data();
  stream.level_buf_size = static_cast<std::uint32_t>(state_->level.size());
}

Deflate::~Deflate() = default;

void Deflate::add(std::span<const std::byte> bytes) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // the library counts in 32 bits
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kMost));
    bytes = bytes.subspan(part.size());
    isal_zstream& stream = state_->stream;
    // It does not write there.
    stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(part.data()));
    stream.avail_in = static_cast<std::uint32_t>(part.size());
    run();
  }
}

void Deflate::finish() {
  state_->stream.end_of_stream = 1;
  run();
}

void Deflate::run() {
  isal_zstream& stream = state_->stream;
  do {
    stream.next_out = state_->piece.data();
    stream.avail_out = static_cast<std::uint32_t>(state_->piece.size());
    [[maybe_unused]] const int result = ::isal_deflate(&stream);
    assert(result == COMP_OK);  // anything else is a wrong option
    const auto piece = std::span(state_->piece).first(state_->piece.size() - stream.avail_out);
    if (!piece.empty()) on_piece_(std::as_bytes(piece));
  } while (stream.avail_out == 0);
}

std::uint32_t crc32(std::uint32_t before, std::span<const std::byte> bytes) {
  return ::crc32_gzip_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()),
                           bytes.size());
}

}  // namespace npu::media
