// A lane whose worker has several inferences under way.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

TEST(SeveralAtOnce, A_lane_gets_one_more_than_its_worker_runs_together) {
  Bench bench;
  bench.load("yolo");
  bench.up(Lane::kVision, 3);
  bench.loaded("yolo");
  for (int i = 0; i < 10; ++i) bench.infer("yolo");
  EXPECT_EQ(bench.lanes.count("infer yolo"), 4u);
  bench.inferred("yolo");
  EXPECT_EQ(bench.lanes.count("infer yolo"), 5u);
}

TEST(SeveralAtOnce, Each_running_inference_is_watched_and_those_that_wait_are_not) {
  Bench bench({.infer_watchdog = 60s});
  bench.load("yolo");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  const RequestId first = bench.infer("yolo");
  const RequestId second = bench.infer("yolo");
  const RequestId third = bench.infer("yolo");
  bench.advance(30s);
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(first));
  bench.advance(29s);
  EXPECT_NE(bench.lanes.log.back(), "kill vision: no answer for 60 s");
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.log.back(), "kill vision: no answer for 60 s");
  bench.lost(Lane::kVision, "no answer for 60 s");
  EXPECT_EQ(bench.error(second), ErrorCode::kDeadlineExceeded);
  EXPECT_FALSE(bench.done(third)) << "it ran beside the one that hung, and has its repeat";
}

TEST(SeveralAtOnce, What_ran_beside_something_that_hung_is_no_suspect) {
  Bench bench({.infer_watchdog = 60s});
  bench.load("yolo");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  bench.resident("other");
  const RequestId hung = bench.infer("yolo");
  bench.advance(30s);
  const RequestId beside = bench.infer("other");
  const RequestId behind = bench.infer("other");
  bench.advance(30s);
  bench.lost(Lane::kVision, "no answer for 60 s");
  EXPECT_EQ(bench.error(hung), ErrorCode::kDeadlineExceeded);
  bench.up(Lane::kVision, 2);
  bench.loaded("other");
  EXPECT_EQ(bench.lanes.count("infer other"), 4u) << "they are not repeated one by one";
  bench.inferred("other");
  bench.inferred("other");
  EXPECT_TRUE(bench.ok(beside) && bench.ok(behind));
}

TEST(SeveralAtOnce, A_load_that_a_worker_was_lost_with_is_repeated_alone) {
  Bench bench;
  bench.load("yolo");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  const RequestId guilty = bench.infer("yolo");
  const RequestId innocent = bench.load("other");
  bench.lost();
  bench.up(Lane::kVision, 2);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(bench.lanes.open.size(), 1u);
    if (bench.job("load other") != 0) {
      bench.loaded("other");
    } else if (bench.job("load yolo") != 0) {
      bench.loaded("yolo");
    } else {
      bench.lost();
    }
  }
  EXPECT_TRUE(bench.ok(innocent));
  EXPECT_EQ(bench.error(guilty), ErrorCode::kDeviceLost);
}

TEST(SeveralAtOnce, After_a_loss_what_ran_is_repeated_alone_and_only_the_guilty_fails) {
  Bench bench;
  bench.load("yolo");
  bench.up(Lane::kVision, 3);
  bench.loaded("yolo");
  const RequestId innocent = bench.infer("yolo");
  const RequestId guilty = bench.infer("yolo");
  const RequestId waiting = bench.infer("yolo");
  const RequestId new_one = bench.infer("yolo");
  bench.lost();
  bench.up(Lane::kVision, 3);
  bench.loaded("yolo");
  EXPECT_EQ(bench.lanes.open.size(), 1u);
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(innocent));
  EXPECT_EQ(bench.lanes.open.size(), 1u);
  bench.lost();
  EXPECT_EQ(bench.error(guilty), ErrorCode::kDeviceLost);
  bench.up(Lane::kVision, 3);
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(waiting));
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(new_one));
}

TEST(SeveralAtOnce, A_load_goes_on_beside_an_inference_and_is_watched_at_once) {
  Bench bench({.load_watchdog = 180s, .infer_watchdog = 600s});
  bench.load("yolo");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  bench.infer("yolo");
  bench.load("other");
  bench.advance(179s);
  EXPECT_EQ(bench.lanes.count("kill vision: no answer for 180 s"), 0u);
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.count("kill vision: no answer for 180 s"), 1u);
}

TEST(SeveralAtOnce, An_inference_behind_a_load_is_watched_at_once) {
  Bench bench({.load_watchdog = 600s, .infer_watchdog = 60s});
  bench.load("yolo");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  bench.load("other");
  bench.infer("yolo");
  bench.advance(60s);
  EXPECT_EQ(bench.lanes.count("kill vision: no answer for 60 s"), 1u);
}

}  // namespace
}  // namespace npu::broker::test
