// The first 12 bytes of a HEF file, Hailo's model format, read without HailoRT: enough to tell a
// model from a web page, a placeholder or half a download before a device spends time on it.
//
//   bytes 0..3   "\x01HEF"
//         4..7   version of the format, big endian: 0..3 are known; of a newer one nothing more is
//                checked
//         8..11  length of the description that follows, big endian
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <npu/result.hpp>

namespace npu::store {

inline constexpr std::size_t kHefHeaderBytes = 12;

struct HefHeader {
  std::uint32_t version = 0;
  std::uint32_t description_bytes = 0;
  std::uint64_t file_bytes = 0;
};

// first: the file's first bytes, kHefHeaderBytes or more where it has them; file_bytes: its whole
// length. kMalformed says what is wrong, and what the file is instead where its beginning tells.
Result<HefHeader> parse_hef_header(std::span<const std::byte> first, std::uint64_t file_bytes);

// The same from a file. kNotFound, kPermission, kInvalidArgument (no regular file) where it cannot
// be read. Messages of kMalformed do not name the file, the others do.
Result<HefHeader> read_hef_header(const std::string& path);

}  // namespace npu::store
