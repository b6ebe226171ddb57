#include <limits>

#include <zlib.h>

#include "media/npy.hpp"

namespace npu::media {
namespace {

constexpr std::string_view kEnding = ".npy";
constexpr std::size_t kLocalHeader = 30;
constexpr std::size_t kCentralHeader = 46;
constexpr std::size_t kEndOfDirectory = 22;
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
  std::uint32_t size = 0;
};

// The fields that the local and the central header share.
void put_common(std::string& out, const Entry& entry) {
  put16(out, 20);      // needs version 2.0
  put16(out, 0);       // no flags
  put16(out, 0);       // stored
  put16(out, 0);       // time 00:00:00
  put16(out, 0x0021);  // date 1980-01-01
  put32(out, entry.crc);
  put32(out, entry.size);  // as it is stored
  put32(out, entry.size);
  put16(out, static_cast<std::uint32_t>(entry.name.size()));
  put16(out, 0);  // no extra field
}

}  // namespace

std::size_t npz_size(std::string_view name, DType dtype, const Shape& shape) {
  const std::size_t entry_name = name.size() + kEnding.size();
  return kLocalHeader + kCentralHeader + kEndOfDirectory + 2 * entry_name +
         npy_header(dtype, shape).size() + byte_size(dtype, shape).value_or(0);
}

Status append_npz(std::string& out, std::string_view name, DType dtype, const Shape& shape,
                  const NextPiece& next) {
  const auto bytes = byte_size(dtype, shape);
  if (!bytes || npz_size(name, dtype, shape) > kZipLimit) {
    return fail(ErrorCode::kTooLarge, "the array is too large for a .npz file");
  }
  const std::string header = npy_header(dtype, shape);
  Entry entry{.name = std::string(name).append(kEnding),
              .size = static_cast<std::uint32_t>(header.size() + *bytes)};
  const std::size_t begin = out.size();
  out.resize(begin + kLocalHeader + entry.name.size());  // filled in at the end
  const auto append = [&](std::string_view piece) {
    entry.crc = static_cast<std::uint32_t>(
        ::crc32_z(entry.crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size()));
    out += piece;
  };
  append(header);
  for (std::size_t appended = 0; appended < *bytes;) {
    const auto piece = next();
    appended += piece.size();
    if (piece.empty() || appended > *bytes) {
      return fail(ErrorCode::kInternal, "the array is not of the size that was announced");
    }
    append({reinterpret_cast<const char*>(piece.data()), piece.size()});
  }

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
