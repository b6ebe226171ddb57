#include "manager/clients/refusal_pace.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace npu::manager {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RefusalPaceTest : public testing::Test {
 protected:
  // What a user gets who asks over so many connections, again and again as soon as he is refused.
  int refusals(uid_t user, std::size_t connections, Duration time) {
    std::vector<SteadyTime> told_at(connections, clock_.now());
    int count = 0;
    for (const SteadyTime end = clock_.now() + time; clock_.now() < end;) {
      for (SteadyTime& at : told_at) {
        if (at > clock_.now()) continue;
        at = clock_.now() + pace_.time_to_keep(user, clock_.now());
        ++count;
      }
      clock_.advance(milliseconds(1));
    }
    return count;
  }

  FakeClock clock_;
  RefusalPace pace_;
};

TEST_F(RefusalPaceTest, Some_are_quick_and_others_wait_for_nobody_but_themselves) {
  for (int i = 0; i < RefusalPace::kQuick; ++i) {
    EXPECT_EQ(pace_.time_to_keep(1, clock_.now()), Duration{}) << i;
  }
  EXPECT_EQ(pace_.time_to_keep(1, clock_.now()), RefusalPace::kInterval);
  EXPECT_EQ(pace_.time_to_keep(2, clock_.now()), Duration{});
}

TEST_F(RefusalPaceTest, Who_goes_on_is_refused_at_a_rate_over_however_many_connections) {
  refusals(1, 1, seconds(10));
  for (const std::size_t connections : {1, 60, 190}) {
    const int count = refusals(1, connections, seconds(10));
    EXPECT_LE(count, 1000 + 200) << connections;
    EXPECT_GE(count, 900) << connections;
  }
  EXPECT_LE(refusals(1, 2000, seconds(10)), 2000 * 6) << "each is told after the longest time";
}

TEST_F(RefusalPaceTest, What_was_is_forgotten) {
  refusals(1, 2000, seconds(10));
  clock_.advance(RefusalPace::kLongest + RefusalPace::kQuick * RefusalPace::kInterval);
  for (int i = 0; i < RefusalPace::kQuick; ++i) {
    EXPECT_EQ(pace_.time_to_keep(1, clock_.now()), Duration{}) << i;
  }
}

}  // namespace
}  // namespace npu::manager
