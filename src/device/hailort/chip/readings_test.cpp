#include "device/hailort/chip/readings.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

constexpr std::int64_t kGibi = std::int64_t{1} << 30;

TEST(Readings, Bytes_and_KiB_are_told_apart_by_what_a_chip_can_have) {
  for (const std::int64_t gib : {1, 4, 8, 32}) {
    EXPECT_EQ(memory_unit(gib * kGibi), 1) << gib;
    EXPECT_EQ(memory_unit(gib * kGibi / 1024), 1024) << gib;
  }
}

TEST(Readings, What_can_be_neither_is_neither) {
  for (const std::int64_t total :
       {std::int64_t{-1}, std::int64_t{0}, std::int64_t{8}, 4096 * kGibi}) {
    EXPECT_EQ(memory_unit(total), 0) << total;
  }
}

TEST(Readings, A_chip_without_self_tests_has_not_failed_any) {
  EXPECT_EQ(self_test_reading(0), 0);
  EXPECT_EQ(self_test_reading(-1), 0);
  EXPECT_EQ(self_test_reading(4), 4);
}

TEST(Readings, Memory_in_bytes_and_in_KiB_is_the_same_memory) {
  const auto bytes = memory_reading(8 * kGibi, 2 * kGibi);
  const auto kibi = memory_reading(8 * kGibi / 1024, 2 * kGibi / 1024);
  ASSERT_TRUE(bytes);
  ASSERT_TRUE(kibi);
  EXPECT_EQ(bytes->total_bytes, 8U * kGibi);
  EXPECT_EQ(kibi->total_bytes, bytes->total_bytes);
  EXPECT_EQ(kibi->used_bytes, bytes->used_bytes);
}

TEST(Readings, Memory_that_no_module_has_is_not_believed) {
  for (const std::int64_t total : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1024},
                                   std::numeric_limits<std::int64_t>::max(), 9000 * kGibi}) {
    EXPECT_FALSE(memory_reading(total, 0)) << total;
  }
}

TEST(Readings, More_used_than_there_is_or_none_at_all_leaves_the_total) {
  EXPECT_FALSE(memory_reading(8 * kGibi, 9 * kGibi)->used_bytes);
  EXPECT_FALSE(memory_reading(8 * kGibi, -1)->used_bytes);
  EXPECT_EQ(memory_reading(8 * kGibi, 0)->used_bytes, 0U);
}

TEST(Readings, The_hotter_believable_sensor_counts) {
  EXPECT_DOUBLE_EQ(*temperature_reading(52.5F, 54.0F), 54.0);
  EXPECT_DOUBLE_EQ(*temperature_reading(52.5F, -1.0F), 52.5);
  EXPECT_DOUBLE_EQ(*temperature_reading(std::numeric_limits<float>::quiet_NaN(), 40.0F), 40.0);
  EXPECT_FALSE(temperature_reading(0, 3000));
}

TEST(Readings, Utilisation_is_a_percentage) {
  EXPECT_DOUBLE_EQ(*utilisation_reading(25), 0.25);
  EXPECT_FALSE(utilisation_reading(-1));
  EXPECT_FALSE(utilisation_reading(101));
}

}  // namespace
}  // namespace npu::device::hailort
