// Workers that do not start, die, hang, or are no longer needed.
#include "broker/test_bench.hpp"

namespace npu::broker::test {
namespace {

TEST(LaneLost, A_request_without_output_is_repeated_once_before_the_others_of_its_class) {
  Bench bench;
  bench.resident("yolo");
  const RequestId first = bench.infer("yolo");
  const RequestId second = bench.infer("yolo");
  const RequestId third = bench.infer("yolo", {.client = "other"});
  bench.lost();
  EXPECT_EQ(bench.lanes.log.back(), "start vision");
  EXPECT_FALSE(bench.done(first));
  bench.up();
  bench.loaded("yolo");
  for (int i = 0; i < 3; ++i) bench.inferred("yolo");
  const auto& order = bench.replies.order;
  EXPECT_EQ(std::vector<RequestId>(order.end() - 3, order.end()),
            (std::vector<RequestId>{first, second, third}));
  EXPECT_TRUE(bench.ok(first) && bench.ok(second) && bench.ok(third));
  EXPECT_EQ(bench.broker.snapshot().retries, 2u);
  EXPECT_EQ(bench.broker.snapshot().lane_restarts, 1u);
}

TEST(LaneLost, A_request_with_output_is_not_repeated) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  const RequestId id = bench.infer("llm");
  bench.broker.on_event(bench.job("infer llm"));
  bench.lost(Lane::kGeneration);
  EXPECT_EQ(bench.error(id), ErrorCode::kDeviceLost);
}

TEST(LaneLost, A_request_that_was_running_at_two_losses_is_to_blame_and_others_are_not) {
  Bench bench;
  bench.resident("yolo");
  const RequestId poison = bench.infer("yolo");
  const RequestId behind = bench.infer("yolo");
  bench.lost();
  bench.advance(1s);
  bench.up();
  bench.loaded("yolo");
  bench.lost();
  EXPECT_EQ(bench.error(poison), ErrorCode::kDeviceLost);
  EXPECT_FALSE(bench.done(behind));
  bench.advance(1s);
  bench.up();
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(behind));
}

TEST(LaneLost, A_cancelled_request_is_not_repeated) {
  Bench bench;
  bench.resident("yolo");
  bench.broker.cancel(bench.infer("yolo"));
  bench.lost();
  bench.up();
  bench.loaded("yolo");
  EXPECT_EQ(bench.lanes.count("infer yolo"), 1u);
}

TEST(LaneLost, A_late_answer_of_a_lost_job_is_ignored) {
  Bench bench;
  bench.resident("yolo");
  const RequestId id = bench.infer("yolo");
  const JobId job = bench.take("infer yolo");
  bench.lost();
  bench.broker.on_inferred(job, std::shared_ptr<void>());
  EXPECT_FALSE(bench.done(id));
}

TEST(LaneLost, Its_models_come_back_the_last_used_first_without_being_asked_for) {
  Bench bench;
  for (const char* key : {"a", "b", "c"}) bench.resident(key);
  bench.load("b");
  bench.lost();
  EXPECT_TRUE(bench.broker.snapshot().models.empty());
  bench.up();
  for (const char* key : {"b", "c", "a"}) bench.loaded(key);
  EXPECT_EQ(bench.broker.snapshot().models.size(), 3u);
}

TEST(LaneLost, Work_waits_only_for_the_model_that_it_needs) {
  Bench bench;
  for (const char* key : {"a", "b"}) bench.resident(key);
  const RequestId id = bench.infer("a");
  bench.lost();
  bench.up();
  bench.loaded("a");
  bench.inferred("a");
  EXPECT_TRUE(bench.ok(id));
  EXPECT_EQ(bench.lanes.log.back(), "load b");
}

TEST(LaneLost, A_pin_and_a_keep_alive_survive_the_loss) {
  Bench bench;
  bench.resident("yolo", {.keep_alive = 10s, .pin = true});
  bench.lost();
  bench.up();
  bench.loaded("yolo");
  EXPECT_TRUE(bench.status("yolo")->pinned);
}

TEST(LaneLost, The_other_lanes_do_not_notice) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  bench.resident("yolo");
  const RequestId id = bench.infer("yolo");
  bench.lost(Lane::kGeneration);
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(id));
}

TEST(LaneLost, A_load_that_kills_its_worker_twice_fails_who_waits_for_it) {
  Bench bench;
  const RequestId id = bench.infer("bad");
  bench.up();
  bench.lost();
  EXPECT_FALSE(bench.done(id));
  bench.advance(1s);
  bench.up();
  bench.lost();
  EXPECT_EQ(bench.error(id), ErrorCode::kDeviceLost);
  EXPECT_TRUE(bench.outcome(id).during_load);
}

TEST(LaneLost, An_unload_has_reached_its_aim_with_the_loss) {
  Bench bench;
  bench.resident("yolo");
  const RequestId unload = bench.unload("yolo");
  bench.lost();
  EXPECT_TRUE(bench.ok(unload));
  EXPECT_TRUE(bench.outcome(unload).was_there);
  EXPECT_EQ(bench.lanes.count("start vision"), 1u);
}

TEST(LaneLost, An_unload_of_a_model_on_its_way_back_keeps_it_away) {
  Bench bench;
  bench.resident("yolo");
  bench.lost();
  const RequestId unload = bench.unload("yolo");
  EXPECT_TRUE(bench.outcome(unload).was_there);
  bench.up();
  EXPECT_EQ(bench.lanes.count("load yolo"), 1u);
}

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
      bench.advance(5s);
      EXPECT_EQ(bench.lanes.count("start vision"), starts + 1) << "without anybody asking";
      bench.lost(Lane::kVision, "its server is not up", code);
    }
    bench.advance(5s);
    bench.up();
    EXPECT_FALSE(bench.broker.snapshot().broken_reason);
  }
}

TEST(LaneStart, Models_come_back_however_long_the_device_was_away) {
  Bench bench;
  bench.resident("yolo");
  bench.lost();
  for (int failure = 1; failure <= 20; ++failure) {
    bench.lost(Lane::kVision, "no device", ErrorCode::kUnavailable);
    bench.advance(5s);
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

TEST(LaneStuck, Work_is_refused_until_the_worker_has_ended_and_then_its_models_come_back) {
  Bench bench({.infer_watchdog = 60s});
  bench.resident("yolo");
  const RequestId hung = bench.infer("yolo");
  const RequestId behind = bench.infer("yolo");
  const RequestId queued = bench.infer("yolo");
  bench.advance(60s);
  EXPECT_EQ(bench.error(hung), ErrorCode::kDeviceLost);
  bench.broker.on_lane_stuck(Lane::kVision, "pid 7 does not end");
  for (const RequestId id : {behind, queued}) {
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
  bench.broker.on_lane_stuck(Lane::kGeneration, "stuck");
  const RequestId id = bench.infer("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(id));
}

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
  EXPECT_EQ(bench.error(second), ErrorCode::kDeviceLost);
  bench.lost(Lane::kVision, "killed");
  EXPECT_FALSE(bench.done(third)) << "it began when the first had ended, and has its time";
}

TEST(SeveralAtOnce, What_runs_beside_a_hung_inference_is_repeated) {
  Bench bench({.infer_watchdog = 60s});
  bench.load("yolo");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  const RequestId hung = bench.infer("yolo");
  bench.advance(30s);
  const RequestId beside = bench.infer("yolo");
  bench.advance(30s);
  EXPECT_EQ(bench.error(hung), ErrorCode::kDeviceLost);
  bench.lost(Lane::kVision, "killed");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(beside));
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

TEST(SeveralAtOnce, A_load_is_watched_from_when_the_inferences_before_it_have_ended) {
  Bench bench({.load_watchdog = 180s, .infer_watchdog = 600s});
  bench.load("yolo");
  bench.up(Lane::kVision, 2);
  bench.loaded("yolo");
  const RequestId run = bench.infer("yolo");
  bench.load("other");
  bench.advance(200s);
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(run));
  bench.advance(179s);
  EXPECT_EQ(bench.lanes.count("kill vision: no answer for 180 s"), 0u);
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.count("kill vision: no answer for 180 s"), 1u);
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

TEST(Watchdog, A_hung_inference_costs_its_worker_and_fails_without_a_repeat) {
  Bench bench({.infer_watchdog = 60s});
  bench.resident("yolo");
  const RequestId hung = bench.infer("yolo");
  const RequestId behind = bench.infer("yolo");
  bench.advance(59s);
  EXPECT_FALSE(bench.done(hung));
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.log.back(), "kill vision: no answer for 60 s");
  EXPECT_EQ(bench.error(hung), ErrorCode::kDeviceLost);
  bench.lost(Lane::kVision, "killed");
  bench.up();
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(behind));
  EXPECT_EQ(bench.lanes.count("infer yolo"), 3u);
}

TEST(Watchdog, The_time_that_a_job_waited_behind_another_does_not_count) {
  Bench bench({.infer_watchdog = 60s});
  bench.resident("yolo");
  bench.infer("yolo");
  bench.infer("yolo");
  bench.advance(59s);
  bench.inferred("yolo");
  bench.advance(59s);
  EXPECT_EQ(bench.lanes.log.back(), "infer yolo");
}

TEST(Watchdog, A_generation_has_longer_but_not_after_it_was_aborted) {
  Bench bench({.infer_watchdog = 60s, .generation_watchdog = 600s});
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  const RequestId id = bench.infer("llm");
  bench.advance(100s);
  bench.broker.cancel(id);
  bench.advance(59s);
  EXPECT_NE(bench.lanes.log.back(), "kill generation: no answer for 160 s");
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.log.back(), "kill generation: no answer for 160 s");
}

TEST(Watchdog, A_hung_load_fails_who_waits_for_it_without_a_repeat) {
  Bench bench({.load_watchdog = 180s});
  const RequestId id = bench.infer("yolo");
  bench.up();
  bench.advance(180s);
  bench.lost(Lane::kVision, "killed");
  EXPECT_EQ(bench.error(id), ErrorCode::kDeviceLost);
  EXPECT_TRUE(bench.outcome(id).during_load);
  bench.advance(1min);
  EXPECT_EQ(bench.lanes.count("load yolo"), 1u);
}

TEST(IdleLane, A_lane_without_models_and_work_ends_and_that_is_no_loss) {
  Bench bench({.idle_lane = 600s});
  bench.resident("yolo", {.keep_alive = 60s});
  bench.advance(60s);
  bench.unloaded("yolo");
  bench.advance(599s);
  EXPECT_EQ(bench.lanes.log.back(), "unload yolo");
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.log.back(), "kill vision: idle");
  const RequestId id = bench.infer("yolo");
  EXPECT_EQ(bench.lanes.log.back(), "kill vision: idle");
  bench.lost(Lane::kVision, "idle");
  EXPECT_EQ(bench.lanes.log.back(), "start vision");
  bench.up();
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(id));
  EXPECT_EQ(bench.broker.snapshot().lane_restarts, 0u);
}

TEST(IdleLane, A_lane_with_a_resident_model_stays) {
  Bench bench({.idle_lane = 600s});
  bench.resident("yolo");
  bench.advance(24h);
  EXPECT_EQ(bench.lanes.log.back(), "load yolo");
}

}  // namespace
}  // namespace npu::broker::test
