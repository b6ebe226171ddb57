// What the chip says of itself, checked before anybody believes it.
//
// Versions differ in units (memory in bytes until 5.1, in KiB from 5.2 on) and mark a missing value
// as -1.
#pragma once

#include <cstdint>
#include <optional>

namespace npu::device::hailort {

struct MemoryReading {
  std::uint64_t total_bytes = 0;
  std::optional<std::uint64_t> used_bytes;
};
// total and used as the chip gives them, in one unit, which is told by what memory a module can
// have. None where it is neither.
std::optional<MemoryReading> memory_reading(std::int64_t total, std::int64_t used);

// Hotter of two sensors, in Celsius; none where neither is believable.
std::optional<double> temperature_reading(float first, float second);

// 0..1 of a percentage.
std::optional<double> utilisation_reading(float percent);

}  // namespace npu::device::hailort
