// Range: bytes=0-99 (RFC 9110, 14).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace npu::http {

struct ByteRange {
  std::size_t first = 0;
  std::size_t size = 0;  // 0: it lies beyond the end, 416
};

// The range that the field asks of `size` bytes. Nothing where the whole is to be sent: the field
// is malformed, in another unit, or asks for several ranges.
std::optional<ByteRange> byte_range(std::string_view field, std::size_t size);

}  // namespace npu::http
