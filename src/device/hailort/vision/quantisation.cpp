#include "device/hailort/vision/quantisation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace npu::device::hailort {
namespace {

template <class T>
T load(std::span<const std::byte> from, std::size_t index) {
  T value;
  std::memcpy(&value, from.data() + index * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void store(std::span<std::byte> to, std::size_t index, T value) {
  std::memcpy(to.data() + index * sizeof(T), &value, sizeof(T));
}

template <class Q>
void to_floats(std::span<const std::byte> from, Quantisation how, std::span<std::byte> to) {
  const std::size_t count = std::min(from.size() / sizeof(Q), to.size() / sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    store(to, i, (static_cast<float>(load<Q>(from, i)) - how.zero_point) * how.scale);
  }
}

template <class Q>
void from_floats(std::span<const std::byte> from, Quantisation how, std::span<std::byte> to) {
  const std::size_t count = std::min(from.size() / sizeof(float), to.size() / sizeof(Q));
  const float per_scale = how.scale != 0 ? 1 / how.scale : 0;
  for (std::size_t i = 0; i < count; ++i) {
    float value = load<float>(from, i) * per_scale + how.zero_point;
    if (std::isnan(value)) value = how.zero_point;
    value =
        std::clamp(std::nearbyint(value), 0.0F, static_cast<float>(std::numeric_limits<Q>::max()));
    store(to, i, static_cast<Q>(value));
  }
}

}  // namespace

void dequantise(DType type, std::span<const std::byte> from, Quantisation how,
                std::span<std::byte> to) {
  if (type == DType::kUint16) return to_floats<std::uint16_t>(from, how, to);
  to_floats<std::uint8_t>(from, how, to);
}

void quantise(DType type, std::span<const std::byte> from, Quantisation how,
              std::span<std::byte> to) {
  if (type == DType::kUint16) return from_floats<std::uint16_t>(from, how, to);
  from_floats<std::uint8_t>(from, how, to);
}

}  // namespace npu::device::hailort
