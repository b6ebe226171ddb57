#include "device/hailort/vision/rate_cap.hpp"

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

using namespace std::chrono_literals;

TEST(RateCap, Lets_the_stated_rate_through) {
  FakeClock clock;
  RateCap cap(30, clock);
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    if (cap.take()) ++taken;
    clock.advance(10ms);
  }
  EXPECT_NEAR(taken, 30 + 3, 1);
}

TEST(RateCap, Lets_a_slower_stream_through_completely) {
  FakeClock clock;
  RateCap cap(30, clock);
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(cap.take());
    clock.advance(40ms);
  }
}

TEST(RateCap, After_a_pause_only_a_short_burst_overtakes) {
  FakeClock clock;
  RateCap cap(30, clock);
  clock.advance(1h);
  int taken = 0;
  while (taken < 100 && cap.take()) ++taken;
  EXPECT_EQ(taken, 3);
}

TEST(RateCap, A_batch_counts_as_its_frames) {
  FakeClock clock;
  RateCap cap(10, clock);
  EXPECT_TRUE(cap.take(8));
  clock.advance(600ms);
  EXPECT_FALSE(cap.take());
  clock.advance(300ms);
  EXPECT_TRUE(cap.take());
}

TEST(RateCap, Frames_that_overtook_unasked_keep_later_ones_back) {
  FakeClock clock;
  RateCap cap(10, clock);
  cap.charge(3);
  clock.advance(290ms);
  EXPECT_FALSE(cap.take());
  clock.advance(10ms);
  EXPECT_TRUE(cap.take());
}

TEST(RateCap, Nothing_overtakes_where_the_rate_is_none) {
  FakeClock clock;
  RateCap cap(0, clock);
  clock.advance(1h);
  EXPECT_FALSE(cap.take());
}

}  // namespace
}  // namespace npu::device::hailort
