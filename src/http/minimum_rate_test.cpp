#include "http/minimum_rate.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

using std::chrono::seconds;

// The second in which a transfer of so many bytes a second is given up; 1,000: it is not.
int given_up_after(MinimumRate rate, std::size_t bytes_per_second) {
  for (int second = 1; second < 1000; ++second) {
    const SteadyTime now{seconds(second)};
    if (now > rate.until()) return second;
    rate.moved(bytes_per_second, now);
  }
  return 1000;
}

TEST(MinimumRate, Goes_on_at_the_floor_and_ends_below_it) {
  const MinimumRate rate(seconds(10), 1000, SteadyTime{});
  EXPECT_EQ(given_up_after(rate, 1000), 1000);
  EXPECT_EQ(given_up_after(rate, 5000), 1000);
  EXPECT_EQ(given_up_after(rate, 500), 20);
  EXPECT_EQ(given_up_after(rate, 0), 11);
}

TEST(MinimumRate, A_good_beginning_buys_no_long_pause) {
  MinimumRate rate(seconds(10), 1000, SteadyTime{});
  rate.moved(100'000'000, SteadyTime{seconds(1)});
  EXPECT_EQ(rate.until(), SteadyTime{seconds(11)});
}

TEST(MinimumRate, Without_a_floor_any_byte_will_do) {
  EXPECT_EQ(given_up_after(MinimumRate(seconds(10), 0, SteadyTime{}), 1), 1000);
}

}  // namespace
}  // namespace npu::http
