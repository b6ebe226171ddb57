// float16 (IEEE 754 binary16) as bits, for processors that may not have it.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace npu::onnx {

// Exact. Branches only on values, so that loops over it become vector code.
inline float float_of_half(std::uint16_t half) {
  constexpr float kExponentOffset = 0x1p112F;  // 2^(127 - 15): also makes subnormals right
  const std::uint32_t bits = (half & 0x7FFFU) << 13;
  const std::uint32_t scaled =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(bits) * kExponentOffset);
  const std::uint32_t special = (half & 0x7C00U) == 0x7C00U ? 0x7F800000U : 0U;
  return std::bit_cast<float>(scaled | special | (half & 0x8000U) << 16);
}

// The nearest one, ties to even; infinite beyond the largest.
inline std::uint16_t half_of(double value) {
  constexpr int kBits = 10;            // of the fraction
  constexpr int kLeastExponent = -14;  // of a normal number
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return sign | 0x7E00;
  const double size = std::abs(value);
  if (size >= 65520) return sign | 0x7C00;  // halfway from the largest, 65504, to 2^16
  const int exponent = size > 0 ? std::max(std::ilogb(size), kLeastExponent) : kLeastExponent;
  // In units of the last place. A carry into the next exponent is right as it is.
  const auto units = static_cast<int>(std::nearbyint(std::ldexp(size, kBits - exponent)));
  const int biased = units + ((exponent - kLeastExponent) << kBits);
  return static_cast<std::uint16_t>(sign | biased);
}

}  // namespace npu::onnx
