// Quantised numbers of the chip to floating point and back: x = (q - zero_point) * scale.
//
// Done on the host, because the chip would do it on its CPU and send four bytes for each one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

namespace npu::device::hailort {

struct Quantisation {
  float scale = 1;
  float zero_point = 0;

  bool operator==(const Quantisation&) const = default;
};

// Of a whole tensor. A network may have one scale for all of it, or one for each feature.
struct Quantisations {
  std::vector<Quantisation> features{{}};  // at least one; one: of all
  // So many elements in a row belong to one feature, then those of the next follow, and after the
  // last those of the first again: 1 where features come last in the shape.
  std::size_t run = 1;
};

// type: kUint8 or kUint16, of `from`. `to` takes float32 and has as many elements. Neither needs to
// be aligned.
void dequantise(DType type, std::span<const std::byte> from, const Quantisations& how,
                std::span<std::byte> to);

// The other way: to the nearest number of `type`, and to its least or greatest outside the range.
// What is not a number becomes the zero point.
void quantise(DType type, std::span<const std::byte> from, const Quantisations& how,
              std::span<std::byte> to);

}  // namespace npu::device::hailort
