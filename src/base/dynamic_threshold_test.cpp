#include "base/dynamic_threshold.hpp"

#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace npu {
namespace {

// What each has when all have taken, one by one and in turn, whatever they get.
std::vector<std::uint64_t> greedy(std::uint64_t capacity, std::size_t holders) {
  std::vector<std::uint64_t> held(holders);
  const auto all = [&] { return std::accumulate(held.begin(), held.end(), std::uint64_t{0}); };
  for (bool moved = true; moved;) {
    moved = false;
    for (std::uint64_t& mine : held) {
      if (mine + 1 > dynamic_threshold(capacity, all() - mine)) continue;
      ++mine;
      moved = true;
    }
  }
  return held;
}

TEST(DynamicThreshold, The_more_want_everything_the_less_each_has_and_something_is_left) {
  for (const std::size_t holders : {1u, 2u, 3u, 7u}) {
    const auto held = greedy(512, holders);
    std::uint64_t left = 512;
    for (const std::uint64_t mine : held) {
      EXPECT_NEAR(static_cast<double>(mine), 512.0 / static_cast<double>(holders + 1), 1);
      left -= mine;
    }
    EXPECT_GE(dynamic_threshold(512, 512 - left), 512 / (holders + 1) / 2);
  }
}

TEST(DynamicThreshold, The_last_one_goes_to_somebody) {
  EXPECT_EQ(dynamic_threshold(1, 0), 1u);
  EXPECT_EQ(dynamic_threshold(2, 1), 1u);
}

TEST(DynamicThreshold, Nothing_is_left_of_what_others_have_or_have_more_of) {
  EXPECT_EQ(dynamic_threshold(0, 0), 0u);
  EXPECT_EQ(dynamic_threshold(5, 5), 0u);
  EXPECT_EQ(dynamic_threshold(5, 9), 0u);
}

TEST(DynamicThreshold, Great_numbers_do_not_overflow) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(dynamic_threshold(kMost, 0), kMost / 2 + 1);
}

}  // namespace
}  // namespace npu
