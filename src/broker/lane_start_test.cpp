// Workers that do not start, and such that do not end.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

TEST(LaneStart, Failures_are_repeated_after_pauses_that_double_and_then_fail_what_waits) {
  Bench bench;
  const RequestId id = bench.infer("yolo");
  std::vector<Duration> pauses;
  for (int failure = 1; failure < 5; ++failure) {
    const std::size_t starts = bench.lanes.count("start vision");
    bench.lost(Lane::kVision, "no device");
    EXPECT_EQ(bench.lanes.count("start vision"), starts);
    pauses.push_back(*bench.broker.next_timer() - bench.clock.now());
    bench.advance(pauses.back());
    EXPECT_EQ(bench.lanes.count("start vision"), starts + 1);
  }
  EXPECT_EQ(pauses, (std::vector<Duration>{250ms, 500ms, 1s, 2s}));
  EXPECT_FALSE(bench.broker.snapshot().broken_reason);
  bench.lost(Lane::kVision, "no device");
  EXPECT_EQ(bench.error(id), ErrorCode::kUnavailable);
  EXPECT_EQ(bench.outcome(id).status.error().retry_after, 4000ms);
  EXPECT_EQ(bench.broker.snapshot().broken_reason, "no device");
  EXPECT_FALSE(bench.broker.next_timer()) << "nothing is tried while nobody wants it";
}

TEST(LaneStart, After_giving_up_a_later_request_tries_again_after_the_pause) {
  Bench bench;
  bench.infer("yolo");
  for (int failure = 1; failure <= 5; ++failure) {
    bench.lost(Lane::kVision, "no device");
    if (failure < 5) bench.advance(5s);
  }
  const std::size_t starts = bench.lanes.count("start vision");
  const RequestId later = bench.infer("yolo");
  EXPECT_EQ(bench.lanes.count("start vision"), starts);
  bench.advance(5s);
  EXPECT_EQ(bench.lanes.count("start vision"), starts + 1);
  bench.up();
  EXPECT_FALSE(bench.broker.snapshot().broken_reason);
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(later));
}

TEST(LaneStart, A_device_that_is_not_there_is_waited_for_and_that_is_told_at_once) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kBusy}) {
    Bench bench;
    const RequestId id = bench.infer("yolo");
    bench.lost(Lane::kVision, "its server is not up", code);
    EXPECT_EQ(bench.broker.snapshot().broken_reason, "waiting for device: its server is not up");
    EXPECT_FALSE(bench.done(id));
    for (int failure = 2; failure <= 5; ++failure) {
      bench.advance(5s);
      bench.lost(Lane::kVision, "its server is not up", code);
    }
    EXPECT_EQ(bench.error(id), ErrorCode::kUnavailable);
    EXPECT_EQ(bench.message(id), "The vision worker cannot be started: its server is not up");
    for (int failure = 6; failure <= 100; ++failure) {
      const std::size_t starts = bench.lanes.count("start vision");
      bench.advance(60s);
      EXPECT_EQ(bench.lanes.count("start vision"), starts + 1) << "without anybody asking";
      bench.lost(Lane::kVision, "its server is not up", code);
    }
    bench.advance(60s);
    bench.up();
    EXPECT_FALSE(bench.broker.snapshot().broken_reason);
  }
}

TEST(LaneStart,
     A_device_that_nobody_asks_for_is_looked_for_once_a_minute_and_else_every_five_seconds) {
  Bench bench;
  bench.infer("yolo");
  const auto fail = [&] { bench.lost(Lane::kVision, "no device", ErrorCode::kUnavailable); };
  for (int failure = 1; failure <= 10; ++failure) {
    fail();
    bench.advance(60s);
  }
  fail();
  const std::size_t starts = bench.lanes.count("start vision");
  bench.advance(3s);
  bench.infer("yolo");
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.count("start vision"), starts) << "but not more often";
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.count("start vision"), starts + 1);
  fail();
  bench.advance(59s);
  EXPECT_EQ(bench.lanes.count("start vision"), starts + 1);
  bench.infer("yolo");
  EXPECT_EQ(bench.lanes.count("start vision"), starts + 2) << "the last one was long ago";
}

TEST(LaneStart, How_often_it_is_looked_for_can_be_set) {
  Bench bench({.device_wait = 2s});
  bench.infer("yolo");
  for (int failure = 1; failure <= 10; ++failure) {
    bench.lost(Lane::kVision, "no device", ErrorCode::kUnavailable);
    bench.advance(2s);
    EXPECT_EQ(bench.lanes.count("start vision"), static_cast<std::size_t>(1 + failure));
  }
}

TEST(LaneStart, Models_come_back_however_long_the_device_was_away) {
  Bench bench;
  bench.resident("yolo");
  bench.lost();
  for (int failure = 1; failure <= 20; ++failure) {
    bench.lost(Lane::kVision, "no device", ErrorCode::kUnavailable);
    bench.advance(60s);
  }
  bench.up();
  bench.loaded("yolo");
  EXPECT_TRUE(bench.is_resident("yolo"));
}

TEST(LaneStart, A_version_mismatch_fails_what_waits_at_once_and_is_tried_again_after_a_minute) {
  Bench bench;
  const RequestId id = bench.infer("yolo");
  bench.lost(Lane::kVision, "driver 5.1.1, library 5.2.0", ErrorCode::kVersionMismatch);
  EXPECT_EQ(bench.error(id), ErrorCode::kVersionMismatch);
  EXPECT_EQ(bench.message(id), "The vision worker cannot be started: driver 5.1.1, library 5.2.0");
  EXPECT_EQ(bench.broker.snapshot().broken_reason, "version mismatch: driver 5.1.1, library 5.2.0");
  bench.advance(59s);
  const auto refused = bench.submit(RequestKind::kInfer, "yolo");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kVersionMismatch);
  EXPECT_EQ(refused.error().retry_after, 1000ms);
  bench.advance(1h);
  EXPECT_EQ(bench.lanes.count("start vision"), 1u) << "nothing is tried while nobody wants it";
  const RequestId later = bench.infer("yolo");
  EXPECT_EQ(bench.lanes.count("start vision"), 2u);
  bench.up();
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(later));
  EXPECT_FALSE(bench.broker.snapshot().broken_reason);
}

TEST(LaneStart, A_device_that_this_build_does_not_have_is_unavailable) {
  Bench bench;
  const RequestId id = bench.infer("yolo");
  bench.lost(Lane::kVision, "this build has no such device", ErrorCode::kUnsupported);
  EXPECT_EQ(bench.error(id), ErrorCode::kUnavailable);
  EXPECT_EQ(bench.broker.snapshot().broken_reason, "this build has no such device");
}

TEST(LaneStart, A_worker_that_dies_before_its_first_answer_is_not_restarted_in_a_tight_loop) {
  Bench bench;
  bench.resident("yolo");
  bench.lost();
  bench.up();
  bench.lost();
  EXPECT_EQ(bench.lanes.count("start vision"), 2u);
  bench.advance(250ms);
  EXPECT_EQ(bench.lanes.count("start vision"), 3u);
}

TEST(LaneStuck, Work_is_refused_until_the_worker_has_ended_and_then_its_models_come_back) {
  Bench bench({.infer_watchdog = 60s});
  bench.resident("yolo");
  const RequestId hung = bench.infer("yolo");
  const RequestId behind = bench.infer("yolo");
  const RequestId queued = bench.infer("yolo");
  bench.advance(60s);
  bench.broker.stuck(Lane::kVision, "pid 7 does not end");
  for (const RequestId id : {hung, behind, queued}) {
    EXPECT_EQ(bench.error(id), ErrorCode::kUnavailable);
    EXPECT_EQ(bench.message(id), "The vision worker cannot be started: pid 7 does not end");
  }
  EXPECT_EQ(bench.broker.snapshot().broken_reason, "pid 7 does not end");
  EXPECT_TRUE(bench.broker.idle()) << "nobody waits for what it may still do";
  const auto refused = bench.submit(RequestKind::kInfer, "yolo");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  bench.advance(24h);
  EXPECT_EQ(bench.lanes.count("start vision"), 1u);
  bench.lost(Lane::kVision, "killed");
  EXPECT_FALSE(bench.broker.snapshot().broken_reason);
  EXPECT_EQ(bench.lanes.count("start vision"), 2u);
  bench.up();
  bench.loaded("yolo");
  EXPECT_TRUE(bench.is_resident("yolo"));
}

TEST(LaneStuck, The_other_lanes_go_on) {
  Bench bench({.generation_watchdog = 60s});
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  bench.resident("yolo");
  bench.infer("llm");
  bench.advance(60s);
  bench.broker.stuck(Lane::kGeneration, "stuck");
  const RequestId id = bench.infer("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(id));
}

}  // namespace
}  // namespace npu::broker::test
