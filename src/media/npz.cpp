#include <array>
#include <limits>
#include <memory>

#include <zlib.h>

#include "media/npy.hpp"

namespace npu::media {
namespace {

constexpr std::size_t kZipLimit = std::numeric_limits<std::uint32_t>::max();

void put16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>((value >> 8) & 0xff);
}
void put32(std::string& out, std::uint32_t value) {
  put16(out, value & 0xffff);
  put16(out, value >> 16);
}

struct Entry {
  std::string name;
  std::uint32_t crc = 0;
  std::uint32_t packed = 0;
  std::uint32_t size = 0;
};

// The fields that the local and the central header share.
void put_common(std::string& out, const Entry& entry) {
  put16(out, 20);      // needs version 2.0
  put16(out, 0);       // no flags
  put16(out, 8);       // deflate
  put16(out, 0);       // time 00:00:00
  put16(out, 0x0021);  // date 1980-01-01
  put32(out, entry.crc);
  put32(out, entry.packed);
  put32(out, entry.size);
  put16(out, static_cast<std::uint32_t>(entry.name.size()));
  put16(out, 0);  // no extra field
}

struct Deflate {
  Deflate() {
    ok = ::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) ==
         Z_OK;
  }
  ~Deflate() {
    if (ok) ::deflateEnd(&stream);
  }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;

  // Appends what comes of it.
  bool feed(std::span<const std::byte> bytes, int flush, std::string& out) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, 1 << 15> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    int result = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      result = ::deflate(&stream, flush);
      out.append(piece.data(), piece.size() - stream.avail_out);
    } while (result == Z_OK && stream.avail_out == 0);
    return flush == Z_FINISH ? result == Z_STREAM_END : stream.avail_in == 0;
  }

  z_stream stream{};
  bool ok = false;
};

}  // namespace

std::size_t npz_bound(std::string_view name, DType dtype, const Shape& shape) {
  constexpr std::size_t kHeaders = 256;  // of the archive and of the array
  const auto size = static_cast<uLong>(byte_size(dtype, shape).value_or(0));
  return ::compressBound(size) + 2 * name.size() + shape.size() * 32 + kHeaders;
}

Status append_npz(std::string& out, std::string_view name, DType dtype, const Shape& shape,
                  const NextPiece& next) {
  const auto bytes = byte_size(dtype, shape);
  if (!bytes || npz_bound(name, dtype, shape) > kZipLimit) {
    return fail(ErrorCode::kTooLarge, "the array is too large for a .npz file");
  }
  Deflate deflate;
  if (!deflate.ok) return fail(ErrorCode::kInternal, "the compressor cannot be started");
  const std::string header = npy_header(dtype, shape);
  Entry entry{.name = std::string(name) + ".npy",
              .size = static_cast<std::uint32_t>(header.size() + *bytes)};
  const std::size_t begin = out.size();
  out.resize(begin + 30 + entry.name.size());  // the local header, known at the end
  const std::size_t data_at = out.size();
  const auto feed = [&](std::span<const std::byte> piece) {
    entry.crc = static_cast<std::uint32_t>(
        ::crc32_z(entry.crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size()));
    return deflate.feed(piece, Z_NO_FLUSH, out);
  };
  bool good = feed(std::as_bytes(std::span(header)));
  for (std::size_t fed = 0; good && fed < *bytes;) {
    const auto piece = next();
    fed += piece.size();
    good = !piece.empty() && fed <= *bytes && feed(piece);
  }
  if (!good || !deflate.feed({}, Z_FINISH, out)) {
    return fail(ErrorCode::kInternal, "the compressor failed");
  }
  entry.packed = static_cast<std::uint32_t>(out.size() - data_at);

  std::string local = "PK\x03\x04";
  put_common(local, entry);
  local += entry.name;
  out.replace(begin, local.size(), local);

  const auto directory_at = static_cast<std::uint32_t>(out.size() - begin);
  out += "PK\x01\x02";
  put16(out, 20);  // made by version 2.0
  put_common(out, entry);
  put16(out, 0);  // no comment
  put16(out, 0);  // disk 0
  put16(out, 0);  // internal attributes
  put32(out, 0);  // external attributes
  put32(out, 0);  // offset of the local header
  out += entry.name;
  const auto directory_bytes = static_cast<std::uint32_t>(out.size() - begin) - directory_at;
  out += "PK\x05\x06";
  put32(out, 0);  // disks
  put16(out, 1);  // entries on this disk
  put16(out, 1);  // entries
  put32(out, directory_bytes);
  put32(out, directory_at);
  put16(out, 0);  // no comment
  return {};
}

}  // namespace npu::media
