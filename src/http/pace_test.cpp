#include "http/pace.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

using std::chrono::seconds;

// The second in which a transfer of so many bytes a second is given up; 1,000: it is not.
int given_up_after(Pace pace, std::size_t bytes_per_second) {
  for (int second = 1; second < 1000; ++second) {
    const SteadyTime now{seconds(second)};
    if (now > pace.until()) return second;
    pace.moved(bytes_per_second, now);
  }
  return 1000;
}

TEST(Pace, Goes_on_at_the_floor_and_ends_below_it) {
  const Pace pace(seconds(10), 1000, SteadyTime{});
  EXPECT_EQ(given_up_after(pace, 1000), 1000);
  EXPECT_EQ(given_up_after(pace, 5000), 1000);
  EXPECT_EQ(given_up_after(pace, 500), 20);
  EXPECT_EQ(given_up_after(pace, 0), 11);
}

TEST(Pace, A_good_beginning_buys_no_long_pause) {
  Pace pace(seconds(10), 1000, SteadyTime{});
  pace.moved(100'000'000, SteadyTime{seconds(1)});
  EXPECT_EQ(pace.until(), SteadyTime{seconds(11)});
}

TEST(Pace, Without_a_floor_any_byte_will_do) {
  EXPECT_EQ(given_up_after(Pace(seconds(10), 0, SteadyTime{}), 1), 1000);
}

}  // namespace
}  // namespace npu::http
