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

// Calls convert(first, count, quantisation) for each row of elements with the same one.
template <class Convert>
void for_each_row(std::size_t count, const Quantisations& how, Convert convert) {
  if (how.features.size() == 1) return convert(0, count, how.features.front());
  for (std::size_t at = 0, feature = 0; at < count; at += how.run) {
    convert(at, std::min(how.run, count - at), how.features[feature]);
    if (++feature == how.features.size()) feature = 0;
  }
}

template <class Q>
float to_float(Q value, const Quantisation& how) {
  return (static_cast<float>(value) - how.zero_point) * how.scale;
}

template <class Q>
void to_floats(std::span<const std::byte> from, const Quantisations& how, std::span<std::byte> to) {
  const std::size_t count = std::min(from.size() / sizeof(Q), to.size() / sizeof(float));
  const std::size_t features = how.features.size();
  if (features > 1 && how.run == 1) {  // the usual: a row is one pixel
    for (std::size_t pixel = 0; pixel < count; pixel += features) {
      const std::size_t there = std::min(features, count - pixel);
      for (std::size_t i = 0; i < there; ++i) {
        store(to, pixel + i, to_float(load<Q>(from, pixel + i), how.features[i]));
      }
    }
    return;
  }
  for_each_row(count, how, [&](std::size_t first, std::size_t length, const Quantisation& one) {
    for (std::size_t i = first; i < first + length; ++i) {
      store(to, i, to_float(load<Q>(from, i), one));
    }
  });
}

template <class Q>
void from_floats(std::span<const std::byte> from, const Quantisations& how,
                 std::span<std::byte> to) {
  const std::size_t count = std::min(from.size() / sizeof(float), to.size() / sizeof(Q));
  for_each_row(count, how, [&](std::size_t first, std::size_t length, const Quantisation& one) {
    const float per_scale = one.scale != 0 ? 1 / one.scale : 0;
    for (std::size_t i = first; i < first + length; ++i) {
      float value = load<float>(from, i) * per_scale + one.zero_point;
      if (std::isnan(value)) value = one.zero_point;
      value = std::clamp(std::nearbyint(value), 0.0F,
                         static_cast<float>(std::numeric_limits<Q>::max()));
      store(to, i, static_cast<Q>(value));
    }
  });
}

}  // namespace

void dequantise(DType type, std::span<const std::byte> from, const Quantisations& how,
                std::span<std::byte> to) {
  if (type == DType::kUint16) return to_floats<std::uint16_t>(from, how, to);
  to_floats<std::uint8_t>(from, how, to);
}

void quantise(DType type, std::span<const std::byte> from, const Quantisations& how,
              std::span<std::byte> to) {
  if (type == DType::kUint16) return from_floats<std::uint16_t>(from, how, to);
  from_floats<std::uint8_t>(from, how, to);
}

}  // namespace npu::device::hailort
