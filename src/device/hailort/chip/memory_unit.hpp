// In what HailoRT counts the chip's memory.
#pragma once

#include <cstdint>

namespace npu::device::hailort {

// 1 or 1024, from the total that was read; 0 where it makes sense as neither. 5.1 documents bytes,
// 5.2 and later KiB, and a chip server may be of another version than the library. No chip has less
// than 256 MiB or more than 256 GiB.
constexpr std::int64_t memory_unit(std::int64_t total) {
  constexpr std::int64_t kMiB = 1 << 20;
  constexpr std::int64_t kLeast = 256 * kMiB;
  constexpr std::int64_t kMost = 1024 * kLeast;
  if (total >= kLeast && total <= kMost) return 1;
  return total > 0 && total < kLeast && total * 1024 >= kLeast ? 1024 : 0;
}

}  // namespace npu::device::hailort
