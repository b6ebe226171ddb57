#include "broker/lane_controller.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/broker_test_support.hpp"

namespace npu::broker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ControlledLanes : public ::testing::Test {
 protected:
  ControlledLanes() {
    clock_.advance(1h);
    model_.want(Priority::kBatch, clock_.now());
    model_.admit(1, 1);
    model_.begin_load();
    model_.become_resident(1, 1, clock_);
  }
  void up(std::size_t runs_at_once = 1) {
    lanes_.start_if_due(Lane::kVision, true);
    lanes_.came_up(Lane::kVision, runs_at_once);
    port_.log.clear();
  }
  JobId infer(RequestId request, bool alone = false) {
    lanes_.infer({}, {ModelHold(model_, HoldKind::kUse), {.id = request}, 20ms}, alone);
    return port_.open.back().job;
  }
  LaneLoss lose() {
    auto loss = lanes_.lost(Lane::kVision, {ErrorCode::kDeviceLost, "signal 9"});
    EXPECT_TRUE(loss);
    return std::move(loss).value_or(LaneLoss{});
  }

  FakeClock clock_;
  test::HandLanes port_;
  Model model_{{.key = "yolo"}, Duration::max()};
  LaneController lanes_{{.in_flight = 2,
                         .load_watchdog = 180s,
                         .infer_watchdog = 60s,
                         .generation_watchdog = 600s,
                         .idle_lane = 600s,
                         .device_wait = 60s},
                        clock_,
                        port_};
};

TEST_F(ControlledLanes, Start_a_worker_that_is_needed_once) {
  lanes_.start_if_due(Lane::kVision, false);
  EXPECT_THAT(port_.log, IsEmpty());
  lanes_.start_if_due(Lane::kVision, true);
  lanes_.start_if_due(Lane::kVision, true);
  EXPECT_THAT(port_.log, ElementsAre("start vision"));
  EXPECT_FALSE(lanes_.takes_more(Lane::kVision));
  lanes_.came_up(Lane::kVision, 1);
  EXPECT_TRUE(lanes_.takes_more(Lane::kVision));
}

TEST_F(ControlledLanes, Count_the_time_of_a_job_from_when_its_lane_comes_to_it) {
  up();
  const JobId first = infer(1);
  const JobId second = infer(2);
  EXPECT_FALSE(lanes_.takes_more(Lane::kVision));
  clock_.advance(5s);
  EXPECT_EQ(lanes_.finish(first)->ran(clock_.now()), 5s);
  clock_.advance(2s);
  EXPECT_EQ(lanes_.finish(second)->ran(clock_.now()), 2s);
  EXPECT_FALSE(lanes_.finish(second));
}

TEST_F(ControlledLanes, Give_nothing_beside_what_is_to_run_alone_until_nobody_waits_for_it) {
  up(4);
  infer(1, true);
  EXPECT_FALSE(lanes_.takes_more(Lane::kVision));
  EXPECT_TRUE(lanes_.has_place(Lane::kVision));
  lanes_.abandon(1, nullptr);
  EXPECT_TRUE(lanes_.takes_more(Lane::kVision));
}

TEST_F(ControlledLanes, Keep_what_a_lane_may_still_read_until_it_has_answered) {
  up();
  const JobId job = infer(1);
  auto work = std::make_shared<InferWork>();
  clock_.advance(3s);
  EXPECT_EQ(lanes_.abandon(1, work), 3s);
  EXPECT_EQ(work.use_count(), 2);
  EXPECT_EQ(port_.count("abort " + std::to_string(job)), 1u);
  EXPECT_EQ(lanes_.find(job)->request(), std::nullopt);
  lanes_.finish(job);
  EXPECT_EQ(work.use_count(), 1);
  EXPECT_EQ(model_.uses(), 0u);
}

TEST_F(ControlledLanes, Kill_a_worker_that_gives_no_sign_of_life_and_blame_that_job_alone) {
  up(2);
  const JobId silent = infer(1);
  const JobId alive = infer(2);
  clock_.advance(30s);
  lanes_.progressed(alive);
  EXPECT_EQ(lanes_.next_timer(Lane::kVision, true), clock_.now() + 30s);
  clock_.advance(30s);
  lanes_.kill_hung();
  EXPECT_THAT(port_.log, ::testing::Contains("kill vision: no answer for 60 s"));
  const LaneLoss loss = lose();
  ASSERT_EQ(loss.jobs.size(), 2u);
  EXPECT_EQ(loss.jobs[0].job.id(), silent);
  EXPECT_TRUE(loss.jobs[0].is_final);
  EXPECT_EQ(loss.jobs[0].why.code, ErrorCode::kDeadlineExceeded);
  EXPECT_FALSE(loss.jobs[1].is_final || loss.jobs[1].blamed);
  EXPECT_EQ(loss.jobs[1].why.message, "The vision worker was lost: signal 9");
}

TEST_F(ControlledLanes, Suspect_what_ran_alone_and_blame_nothing_that_had_not_begun) {
  up();
  infer(1);
  infer(2);
  const LaneLoss loss = lose();
  EXPECT_TRUE(loss.unexpected);
  EXPECT_TRUE(loss.jobs[0].blamed && loss.jobs[0].suspected);
  EXPECT_FALSE(loss.jobs[1].blamed);
  EXPECT_FALSE(lanes_.lost(Lane::kVision, {ErrorCode::kDeviceLost, "again"}));
}

TEST_F(ControlledLanes, End_a_worker_that_nobody_has_needed_for_long_which_is_no_loss) {
  up();
  lanes_.note_need(Lane::kVision, false);
  clock_.advance(599s);
  lanes_.retire_unused();
  EXPECT_THAT(port_.log, IsEmpty());
  clock_.advance(1s);
  lanes_.retire_unused();
  EXPECT_THAT(port_.log, ElementsAre("kill vision: idle"));
  EXPECT_FALSE(lose().unexpected);
}

TEST_F(ControlledLanes, Release_the_group_once_nothing_is_in_flight_and_tell_how_that_ended) {
  up();
  const JobId job = infer(1);
  EXPECT_FALSE(lanes_.empty_for_release());
  EXPECT_TRUE(lanes_.is_held(Lane::kVision));
  lanes_.finish(job);
  ASSERT_TRUE(lanes_.empty_for_release());
  EXPECT_EQ(lanes_.begin_release(), GroupRelease::End::kNotYet);
  EXPECT_TRUE(lanes_.releasing());
  const JobId part = port_.open.back().job;
  EXPECT_EQ(lanes_.release_ended(part, false), GroupRelease::End::kIncomplete);
  EXPECT_FALSE(lanes_.releasing());
}

TEST_F(ControlledLanes, Release_at_once_where_no_worker_lives) {
  EXPECT_EQ(lanes_.begin_release(), GroupRelease::End::kReleased);
}

TEST_F(ControlledLanes, Read_the_device_one_at_a_time) {
  up();
  lanes_.ask_telemetry();
  lanes_.ask_telemetry();
  EXPECT_THAT(port_.log, ElementsAre("telemetry vision"));
  EXPECT_FALSE(lanes_.works());
}

}  // namespace
}  // namespace npu::broker
