// What a simulated tensor model answers: a cheap function of its inputs, the same on every machine,
// so that a test can tell a wrong route, a wrong order or a wrong shape.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <npu/tensor.hpp>

#include "device/device.hpp"
#include "device/sim/profile.hpp"

namespace npu::device::sim {

inline constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325;

// FNV-1a, 64 bit, continued from `hash`.
std::uint64_t fnv1a(std::span<const std::byte> bytes, std::uint64_t hash);

// FNV-1a over the model's stem and, for each input in order, over its bytes: all of them up to 512,
// else 64 words of 8 bytes, the i-th at offset i * (size - 8) / 63 (integer division).
std::uint64_t checksum(std::string_view stem, std::span<const TensorView> inputs);

// Output `index` of a model whose checksum is `sum`:
//   checksum   every element is v = (sum + 977 * index) % 1000, as v / 1000 in floating point and
//   as
//              v % 127 in whole numbers
//   noise      element i is float in [-1, 1) or a byte from a generator seeded with sum + index
//   a value    every element is it
//   boxes, masks   what the profile reports (boxes.hpp)
//   raw head       what it reports, before suppression (raw_head.hpp)
//   reading        where text is and what it says (reading.hpp)
void fill(const Fill& how, std::uint64_t sum, std::size_t index, const MutableTensorView& out);

// NaN in floating point, all bits set in whole numbers; or zeros.
void spoil(WrongValue value, const MutableTensorView& out);

}  // namespace npu::device::sim
