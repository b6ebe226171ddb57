#include "device/hailort/chip/memory_unit.hpp"

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

TEST(MemoryUnit, Bytes_and_KiB_are_told_apart_by_what_a_chip_can_have) {
  for (const std::int64_t gib : {1, 4, 8, 32}) {
    EXPECT_EQ(memory_unit(gib * kGiB), 1) << gib;
    EXPECT_EQ(memory_unit(gib * kGiB / 1024), 1024) << gib;
  }
}

TEST(MemoryUnit, What_can_be_neither_is_neither) {
  for (const std::int64_t total :
       {std::int64_t{-1}, std::int64_t{0}, std::int64_t{8}, 4096 * kGiB}) {
    EXPECT_EQ(memory_unit(total), 0) << total;
  }
}

}  // namespace
}  // namespace npu::device::hailort
