// How much one holder may have of what many share.
#pragma once

#include <cstdint>

namespace npu {

// As much as is then still free: dynamic thresholds (Choudhury and Hahne 1998) with alpha = 1,
// rounded up, so that of 1 somebody may have 1. One who wants everything has half of it, two have a
// third each, n have 1 / (n + 1); the rest is there for whoever comes next. Whoever has more than
// that because others came later keeps it and gets nothing new.
constexpr std::uint64_t dynamic_threshold(std::uint64_t capacity, std::uint64_t held_by_others) {
  if (held_by_others >= capacity) return 0;
  const std::uint64_t left = capacity - held_by_others;
  return left / 2 + left % 2;
}

}  // namespace npu
