// What the chip says of itself, checked before anybody believes it.
//
// Versions differ in units (memory in bytes until 5.1, in KiB from 5.2 on) and mark a missing value
// as -1.
#pragma once

#include <cstdint>
#include <optional>

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

struct MemoryReading {
  std::uint64_t total_bytes = 0;
  std::optional<std::uint64_t> used_bytes;
};
// total and used as the chip gives them, in one unit, which is told by what memory a module can
// have. None where it is neither.
std::optional<MemoryReading> memory_reading(std::int64_t total, std::int64_t used);

// Hotter of two sensors, in Celsius; none where neither is believable.
std::optional<double> temperature_reading(float first, float second);

// Which of the chip's self-tests failed, a bit each; 0 also where it has no such tests.
std::int32_t self_test_reading(std::int32_t mask);

// 0..1 of a percentage.
std::optional<double> utilisation_reading(float percent);

}  // namespace npu::device::hailort
