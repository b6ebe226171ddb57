#include <limits>
#include <utility>

#include "media/npy.hpp"

namespace npu::media {
namespace {

constexpr std::string_view kEnding = ".npy";
constexpr std::size_t kZipLimit = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kSizesFollow = 1 << 3;

void put_little16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>((value >> 8) & 0xff);
}
void put_little32(std::string& out, std::size_t value) {
  put_little16(out, static_cast<std::uint32_t>(value & 0xffff));
  put_little16(out, static_cast<std::uint32_t>(value >> 16 & 0xffff));
}

struct Sizes {
  std::uint32_t crc = 0;
  std::size_t packed = 0;
  std::size_t size = 0;
};

void put_sizes(std::string& out, const Sizes& sizes) {
  put_little32(out, sizes.crc);
  put_little32(out, sizes.packed);
  put_little32(out, sizes.size);
}

// The fields that the local and the central header share.
void put_common(std::string& out, const std::string& name, const Sizes& sizes) {
  put_little16(out, 20);  // needs version 2.0
  put_little16(out, kSizesFollow);
  put_little16(out, 8);       // deflate
  put_little16(out, 0);       // time 00:00:00
  put_little16(out, 0x0021);  // date 1980-01-01
  put_sizes(out, sizes);
  put_little16(out, static_cast<std::uint32_t>(name.size()));
  put_little16(out, 0);  // no extra field
}

}  // namespace

Status NpzEncoder::check(std::string_view name, DType dtype, const Shape& shape) {
  constexpr std::size_t kHeaders = 256;  // of the archive
  const auto bytes = byte_size(dtype, shape);
  if (!bytes) return fail(bytes.error());
  const std::size_t array = npy_header(dtype, shape).size() + *bytes;
  if (Deflate::bound(array) + kHeaders + 2 * name.size() <= kZipLimit) return {};
  return fail(ErrorCode::kTooLarge, "the array is too large for a .npz file");
}

NpzEncoder::NpzEncoder(std::string_view name, DType dtype, const Shape& shape,
                       Deflate::OnPiece on_bytes)
    : on_bytes_(std::move(on_bytes)),
      name_(std::string(name).append(kEnding)),
      deflate_(Deflate::Container::kNone, [this](std::span<const std::byte> piece) {
        packed_ += piece.size();
        written_ += piece.size();
        on_bytes_(piece);
      }) {
  std::string local = "PK\x03\x04";
  put_common(local, name_, {});
  put(local + name_);
  const std::string header = npy_header(dtype, shape);
  add(std::as_bytes(std::span(header)));
}

void NpzEncoder::add(std::span<const std::byte> bytes) {
  crc_ = crc32(crc_, bytes);
  size_ += bytes.size();
  deflate_.add(bytes);
}

void NpzEncoder::finish() {
  deflate_.finish();
  const Sizes sizes{crc_, packed_, size_};
  std::string end = "PK\x07\x08";
  put_sizes(end, sizes);

  const std::size_t directory_at = written_ + end.size();
  std::string directory = "PK\x01\x02";
  put_little16(directory, 20);  // made by version 2.0
  put_common(directory, name_, sizes);
  put_little16(directory, 0);  // no comment
  put_little16(directory, 0);  // disk 0
  put_little16(directory, 0);  // internal attributes
  put_little32(directory, 0);  // external attributes
  put_little32(directory, 0);  // offset of the local header
  directory += name_;

  end += directory;
  end += "PK\x05\x06";
  put_little32(end, 0);  // disks
  put_little16(end, 1);  // entries on this disk
  put_little16(end, 1);  // entries
  put_little32(end, directory.size());
  put_little32(end, directory_at);
  put_little16(end, 0);  // no comment
  put(end);
}

void NpzEncoder::put(std::string_view text) {
  written_ += text.size();
  on_bytes_(std::as_bytes(std::span(text)));
}

}  // namespace npu::media
