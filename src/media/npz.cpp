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

  // All of bytes must fit in what was reserved by deflateBound.
  bool feed(std::span<const std::byte> bytes, int flush) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    const int result = ::deflate(&stream, flush);
    return flush == Z_FINISH ? result == Z_STREAM_END : result == Z_OK && stream.avail_in == 0;
  }

  z_stream stream{};
  bool ok = false;
};

}  // namespace

Result<std::string> encode_npz(std::string_view name, const TensorView& tensor) {
  const std::string header = npy_header(tensor.dtype, tensor.shape);
  const auto header_bytes = std::as_bytes(std::span(header));
  const std::size_t size = header.size() + tensor.data.size();
  Deflate deflate;
  if (!deflate.ok) return fail(ErrorCode::kInternal, "the compressor cannot be started");
  const std::size_t bound = ::deflateBound(&deflate.stream, size) + 64;
  if (bound + 1024 > kZipLimit) {
    return fail(ErrorCode::kTooLarge, "the array is too large for a .npz file");
  }

  Entry entry{.name = std::string(name) + ".npy", .size = static_cast<std::uint32_t>(size)};
  const std::size_t data_at = 30 + entry.name.size();
  std::string out(data_at + bound, '\0');
  deflate.stream.next_out = reinterpret_cast<Bytef*>(out.data() + data_at);
  deflate.stream.avail_out = static_cast<uInt>(bound);
  if (!deflate.feed(header_bytes, Z_NO_FLUSH) || !deflate.feed(tensor.data, Z_FINISH)) {
    return fail(ErrorCode::kInternal, "the compressor failed");
  }
  entry.packed = static_cast<std::uint32_t>(deflate.stream.total_out);
  const auto* header_data = reinterpret_cast<const Bytef*>(header.data());
  const auto* tensor_data = reinterpret_cast<const Bytef*>(tensor.data.data());
  entry.crc = static_cast<std::uint32_t>(
      ::crc32_z(::crc32_z(0, header_data, header.size()), tensor_data, tensor.data.size()));

  std::string local = "PK\x03\x04";
  put_common(local, entry);
  local += entry.name;
  out.replace(0, data_at, local);
  out.resize(data_at + entry.packed);

  const auto directory_at = static_cast<std::uint32_t>(out.size());
  out += "PK\x01\x02";
  put16(out, 20);  // made by version 2.0
  put_common(out, entry);
  put16(out, 0);  // no comment
  put16(out, 0);  // disk 0
  put16(out, 0);  // internal attributes
  put32(out, 0);  // external attributes
  put32(out, 0);  // offset of the local header
  out += entry.name;
  const auto directory_bytes = static_cast<std::uint32_t>(out.size()) - directory_at;
  out += "PK\x05\x06";
  put32(out, 0);  // disks
  put16(out, 1);  // entries on this disk
  put16(out, 1);  // entries
  put32(out, directory_bytes);
  put32(out, directory_at);
  put16(out, 0);  // no comment
  return out;
}

}  // namespace npu::media
