// Loops over samples that the compiler turns into vector code.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace npu::media {

// to[i] = value_at(i) for each i below count; `to` may be what value_at(i) reads at i.
//
// What -O2 vectorises are blocks of a known size whose result goes where nothing else points to.
// value_at works on pointers that it has by value, because spans and vectors check each index.
template <class Sample, class ValueAt>
inline void fill_in_blocks(Sample* to, std::size_t count, ValueAt value_at) {
  constexpr std::size_t kBlock = 32;
  std::size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    std::array<Sample, kBlock> block;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (std::size_t k = 0; k < kBlock; ++k) block[k] = value_at(i + k);
    std::copy_n(block.data(), kBlock, to + i);
  }
  for (; i < count; ++i) to[i] = value_at(i);
}

// Cut to 0..most, then to an integer; not-a-number becomes 0. Written so that it vectorises:
// std::min and std::clamp become branches.
inline int truncated(float value, float most) {
  value = value > 0 ? value : 0;
  value = value < most ? value : most;
  return static_cast<int>(value);
}

}  // namespace npu::media
