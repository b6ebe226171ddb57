// The header of a HEF file, Hailo's model format, read without HailoRT: enough to tell a model from
// a web page, a placeholder or half a download before a device spends time on it. HailoRT itself
// looks at the description's hash and takes a file whose weights end half way.
//
//   bytes 0..3   "\x01HEF"
//         4..7   version of the format: 0..3 are known; of a newer one nothing more is checked
//         8..11  length P of the description, which follows the header
// and then, by version, checksums and the lengths of what follows the description. All numbers are
// big endian. The whole file has
//   version 0    32 + P
//           1    28 + P + C      C, the weights: 8 bytes at 16
//           2    44 + P + C      C at 20
//           3    56 + P + C + A  C at 20, of which 4 bytes at 28 say how much is padding before
//                               them; A, the resources: 8 bytes at 32
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <npu/result.hpp>

namespace npu::store {

// Of the longest header.
inline constexpr std::size_t kHefHeaderBytes = 56;

struct HefHeader {
  std::uint32_t version = 0;
  std::uint32_t description_bytes = 0;
  std::size_t header_bytes = 0;  // before the description; 0 of an unknown version
  // What offsets in the description count from: the end of it, and of its padding.
  std::uint64_t data_begin = 0;
  std::uint64_t file_bytes = 0;
};

// first: the file's first bytes, kHefHeaderBytes or more where it has them; file_bytes: its whole
// length. kMalformed says what is wrong, and what the file is instead where its beginning tells; a
// file that is shorter than its header says is cut off.
Result<HefHeader> parse_hef_header(std::span<const std::byte> first, std::uint64_t file_bytes);

// The same from a file. kNotFound, kPermission, kInvalidArgument (no regular file) where it cannot
// be read. Messages of kMalformed do not name the file, the others do.
Result<HefHeader> read_hef_header(const std::string& path);

// The same from one that is open for reading, whose offset stays. name: for messages.
Result<HefHeader> read_hef_header(int fd, const std::string& name);

// "a web page; ..." or "a placeholder of Git LFS; ...", of a file that begins so; "" of others. As
// long as the program.
std::string_view placeholder_or_page(std::string_view beginning);

}  // namespace npu::store
