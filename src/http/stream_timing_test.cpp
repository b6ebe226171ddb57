#include "http/stream_timing.hpp"

#include <gtest/gtest.h>

namespace npu::http {
namespace {

using Due = StreamTiming::Due;
using namespace std::chrono_literals;

class StreamTimingTest : public ::testing::Test {
 protected:
  Due due() { return timing_.due(clock_.now()); }

  FakeClock clock_;
  StreamTiming timing_{
      {.first_piece = clock_.now() + 120s, .idle = Millis(60s), .comment_after = Millis(15s)},
      clock_.now()};
};

TEST_F(StreamTimingTest, Quiet_is_filled_every_fifteen_seconds) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(timing_.next(), clock_.now() + 15s);
    clock_.advance(15s - 1ms);
    EXPECT_EQ(due(), Due::kNothing);
    clock_.advance(1ms);
    EXPECT_EQ(due(), Due::kComment);
    timing_.sent_aside(clock_.now());
    EXPECT_EQ(due(), Due::kNothing);
  }
}

TEST_F(StreamTimingTest, Comments_are_no_pieces) {
  clock_.advance(119s);
  timing_.sent_aside(clock_.now());
  clock_.advance(1s);
  EXPECT_EQ(due(), Due::kLate);
}

TEST_F(StreamTimingTest, Each_piece_buys_time_for_the_next) {
  for (int i = 0; i < 10; ++i) {
    clock_.advance(59s);
    EXPECT_NE(due(), Due::kLate);
    timing_.begin_piece();
    timing_.end_piece(clock_.now());
  }
  clock_.advance(60s);
  EXPECT_EQ(due(), Due::kLate);
}

TEST_F(StreamTimingTest, While_a_piece_is_sent_nothing_is_due) {
  timing_.begin_piece();
  clock_.advance(1h);
  EXPECT_EQ(due(), Due::kNothing);
  timing_.end_piece(clock_.now());
  EXPECT_EQ(due(), Due::kNothing);
  EXPECT_EQ(timing_.next(), clock_.now() + 15s);
}

TEST_F(StreamTimingTest, Without_limits_nothing_is_ever_due) {
  StreamTiming free({}, clock_.now());
  free.begin_piece();
  free.end_piece(clock_.now());
  clock_.advance(1000h);
  EXPECT_EQ(free.due(clock_.now()), Due::kNothing);
}

}  // namespace
}  // namespace npu::http
