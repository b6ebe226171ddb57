#include "broker/request_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::broker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WaitingRequests : public ::testing::Test {
 protected:
  WaitingRequests() { clock_.advance(1h); }
  const Entry& add(HoldKind as = HoldKind::kQueued, std::uint32_t user = 0) {
    Request request{.connection = 1, .client = "client", .model = model_.spec()};
    request.user = user;
    const Entry& entry = queue_.add(std::move(request));
    queue_.wait(entry, ModelHold(model_, as), 20ms);
    return entry;
  }
  std::optional<RequestId> next() {
    const auto pick = queue_.next(Lane::kVision, false);
    return pick ? std::optional(pick->id) : std::nullopt;
  }

  FakeClock clock_;
  Model model_{{.key = "yolo"}, Duration::max()};
  RequestQueue queue_{{.waiting = {4, 4, 1000}, .aging = 5s}, clock_};
};

TEST_F(WaitingRequests, Hold_their_model_and_count_as_backlog_until_they_are_on_the_lane) {
  const Entry& entry = add();
  EXPECT_EQ(model_.waiting(), 1u);
  EXPECT_EQ(queue_.backlog(Lane::kVision), 20ms);
  const auto pick = queue_.next(Lane::kVision, false);
  ASSERT_TRUE(pick);
  queue_.hand_over(entry, *pick);
  EXPECT_TRUE(entry.on_lane);
  EXPECT_EQ(model_.waiting(), 0u);
  EXPECT_EQ(queue_.backlog(Lane::kVision), 0ms);
  EXPECT_EQ(queue_.waiting(), 0u);
  EXPECT_EQ(queue_.on_lanes(), 1u);
}

TEST_F(WaitingRequests, That_wait_for_their_model_have_no_turn_and_the_time_counts_as_loading) {
  const Entry& first = add();
  const Entry& second = add(HoldKind::kParked);
  EXPECT_EQ(next(), first.id);
  queue_.park(first);
  EXPECT_FALSE(queue_.has_turns(Lane::kVision));
  EXPECT_EQ(model_.parked(), 2u);
  clock_.advance(3s);
  queue_.unpark(model_);
  EXPECT_EQ(model_.parked(), 0u);
  EXPECT_EQ(next(), first.id);
  EXPECT_EQ(next(), second.id);
  EXPECT_EQ(queue_.end(first).loading, 3s);
}

TEST_F(WaitingRequests, What_is_put_back_keeps_its_turn) {
  const Entry& first = add();
  add();
  EXPECT_EQ(next(), first.id);
  queue_.put_back(first);
  EXPECT_EQ(next(), first.id);
}

TEST_F(WaitingRequests, What_a_lost_lane_interrupted_goes_before_others) {
  const Entry& first = add();
  const auto pick = queue_.next(Lane::kVision, false);
  queue_.hand_over(first, *pick);
  add();
  queue_.ended_on_lane(Lane::kVision, *pick, 0ms);
  queue_.come_back(first);
  queue_.wait(first, ModelHold(model_, HoldKind::kQueued), 20ms);
  EXPECT_EQ(queue_.waiting(), 2u);
  EXPECT_EQ(next(), first.id);
}

TEST_F(WaitingRequests, Are_known_by_what_they_wait_for) {
  const RequestId queued = add().id;
  const RequestId parked = add(HoldKind::kParked, 5).id;
  const RequestId unload = add(HoldKind::kUnload).id;
  EXPECT_THAT(queue_.waiting_for(model_), ElementsAre(queued, parked));
  EXPECT_THAT(queue_.unloaders_of(model_), ElementsAre(unload));
  EXPECT_THAT(queue_.not_on_lane(Lane::kVision), ElementsAre(queued, parked, unload));
  EXPECT_THAT(queue_.not_on_lane(Lane::kSpeech), IsEmpty());
  EXPECT_TRUE(queue_.another_user_waits_for(model_, 0));
  queue_.end(*queue_.find(parked));
  EXPECT_FALSE(queue_.another_user_waits_for(model_, 0));
}

TEST_F(WaitingRequests, That_end_leave_nothing_behind) {
  for (const HoldKind as : {HoldKind::kQueued, HoldKind::kParked, HoldKind::kUnload}) {
    queue_.end(add(as));
  }
  EXPECT_EQ(queue_.size(), 0u);
  EXPECT_EQ(queue_.waiting(), 0u);
  EXPECT_EQ(queue_.backlog(Lane::kVision), 0ms);
  EXPECT_EQ(model_.waiting() + model_.unloaders(), 0u);
  EXPECT_EQ(next(), std::nullopt);
}

TEST_F(WaitingRequests, Are_no_more_than_may_wait) {
  for (int i = 0; i < 4; ++i) add();
  EXPECT_FALSE(queue_.has_room_for({.client = "another"}));
}

}  // namespace
}  // namespace npu::broker
