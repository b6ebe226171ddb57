#include "device/hailort/chip/readings.hpp"

#include <algorithm>
#include <cmath>

namespace npu::device::hailort {
namespace {

bool is_temperature(float celsius) {
  return std::isfinite(celsius) && celsius > -40 && celsius < 150 && celsius != 0 && celsius != -1;
}

}  // namespace

std::optional<MemoryReading> memory_reading(std::int64_t total, std::int64_t used) {
  const std::int64_t unit = memory_unit(total);
  if (unit == 0) return std::nullopt;
  MemoryReading reading{.total_bytes = static_cast<std::uint64_t>(total * unit)};
  if (used >= 0 && used <= total) reading.used_bytes = static_cast<std::uint64_t>(used * unit);
  return reading;
}

std::optional<double> temperature_reading(float first, float second) {
  std::optional<double> hottest;
  for (const float celsius : {first, second}) {
    if (is_temperature(celsius)) hottest = std::max<double>(celsius, hottest.value_or(celsius));
  }
  return hottest;
}

std::int32_t self_test_reading(std::int32_t mask) { return mask == -1 ? 0 : mask; }

std::optional<double> utilisation_reading(float percent) {
  if (!std::isfinite(percent) || percent < 0 || percent > 100) return std::nullopt;
  return percent / 100.0;
}

}  // namespace npu::device::hailort
