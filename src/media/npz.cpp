#include <limits>

#include "media/deflate.hpp"
#include "media/npy.hpp"

namespace npu::media {
namespace {

constexpr std::string_view kEnding = ".npy";
constexpr std::size_t kLocalHeader = 30;
constexpr std::size_t kZipLimit = std::numeric_limits<std::uint32_t>::max();

void put_little16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>((value >> 8) & 0xff);
}
void put_little32(std::string& out, std::uint32_t value) {
  put_little16(out, value & 0xffff);
  put_little16(out, value >> 16);
}

struct Entry {
  std::string name;
  std::uint32_t crc = 0;
  std::uint32_t packed = 0;
  std::uint32_t size = 0;
};

// The fields that the local and the central header share.
void put_common(std::string& out, const Entry& entry) {
  put_little16(out, 20);      // needs version 2.0
  put_little16(out, 0);       // no flags
  put_little16(out, 8);       // deflate
  put_little16(out, 0);       // time 00:00:00
  put_little16(out, 0x0021);  // date 1980-01-01
  put_little32(out, entry.crc);
  put_little32(out, entry.packed);
  put_little32(out, entry.size);
  put_little16(out, static_cast<std::uint32_t>(entry.name.size()));
  put_little16(out, 0);  // no extra field
}

}  // namespace

std::size_t npz_bound(std::string_view name, DType dtype, const Shape& shape) {
  constexpr std::size_t kHeaders = 128;  // of the archive
  const std::size_t array = npy_header(dtype, shape).size() + byte_size(dtype, shape).value_or(0);
  return Deflate::bound(array) + kHeaders + 2 * (name.size() + kEnding.size());
}

Status append_npz(std::string& out, std::string_view name, DType dtype, const Shape& shape,
                  const NextPiece& next) {
  const auto bytes = byte_size(dtype, shape);
  if (!bytes || npz_bound(name, dtype, shape) > kZipLimit) {
    return fail(ErrorCode::kTooLarge, "the array is too large for a .npz file");
  }
  const std::string header = npy_header(dtype, shape);
  Entry entry{.name = std::string(name).append(kEnding),
              .size = static_cast<std::uint32_t>(header.size() + *bytes)};
  const std::size_t begin = out.size();
  out.resize(begin + kLocalHeader + entry.name.size());  // filled in at the end
  const std::size_t data_at = out.size();
  Deflate deflate(Deflate::Container::kNone, [&](std::span<const std::byte> piece) {
    out.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  const auto add = [&](std::span<const std::byte> piece) {
    entry.crc = crc32(entry.crc, piece);
    deflate.add(piece);
  };
  add(std::as_bytes(std::span(header)));
  for (std::size_t added = 0; added < *bytes;) {
    const auto piece = next();
    added += piece.size();
    if (piece.empty() || added > *bytes) {
      return fail(ErrorCode::kInternal, "the array is not of the size that was announced");
    }
    add(piece);
  }
  deflate.finish();
  entry.packed = static_cast<std::uint32_t>(out.size() - data_at);

  std::string local = "PK\x03\x04";
  put_common(local, entry);
  local += entry.name;
  out.replace(begin, local.size(), local);

  const auto directory_at = static_cast<std::uint32_t>(out.size() - begin);
  out += "PK\x01\x02";
  put_little16(out, 20);  // made by version 2.0
  put_common(out, entry);
  put_little16(out, 0);  // no comment
  put_little16(out, 0);  // disk 0
  put_little16(out, 0);  // internal attributes
  put_little32(out, 0);  // external attributes
  put_little32(out, 0);  // offset of the local header
  out += entry.name;
  const auto directory_bytes = static_cast<std::uint32_t>(out.size() - begin) - directory_at;
  out += "PK\x05\x06";
  put_little32(out, 0);  // disks
  put_little16(out, 1);  // entries on this disk
  put_little16(out, 1);  // entries
  put_little32(out, directory_bytes);
  put_little32(out, directory_at);
  put_little16(out, 0);  // no comment
  return {};
}

}  // namespace npu::media
