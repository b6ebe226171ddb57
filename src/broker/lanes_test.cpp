// Workers that die, hang, or are no longer needed.
#include "broker/broker_test_support.hpp"

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
  bench.broker.event(bench.job("infer llm"), {});
  bench.lost(Lane::kGeneration);
  EXPECT_EQ(bench.error(id), ErrorCode::kDeviceLost);
}

TEST(LaneLost, A_request_that_was_running_at_two_losses_is_to_blame_and_others_are_not) {
  Bench bench;
  bench.resident("yolo");
  bench.resident("other");
  const RequestId poison = bench.infer("yolo");
  const RequestId behind = bench.infer("other");
  bench.lost();
  bench.advance(1s);
  bench.up();
  bench.loaded("yolo");
  bench.loaded("other");
  bench.lost();
  EXPECT_EQ(bench.error(poison), ErrorCode::kDeviceLost);
  EXPECT_FALSE(bench.done(behind));
  bench.advance(1s);
  bench.up();
  bench.loaded("other");
  bench.inferred("other");
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
  bench.broker.inferred(job, std::shared_ptr<InferResult>());
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

TEST(Watchdog, A_hung_inference_costs_its_worker_and_is_not_repeated_but_the_one_behind_it_is) {
  Bench bench({.infer_watchdog = 60s});
  bench.resident("yolo");
  bench.resident("other");
  const RequestId hung = bench.infer("yolo");
  const RequestId behind = bench.infer("other");
  bench.advance(59s);
  EXPECT_EQ(bench.lanes.log.back(), "infer other");
  bench.advance(1s);
  EXPECT_EQ(bench.lanes.log.back(), "kill vision: no answer for 60 s");
  EXPECT_FALSE(bench.done(hung)) << "the worker may use its memory until it has ended";
  bench.lost(Lane::kVision, "no answer for 60 s");
  EXPECT_EQ(bench.error(hung), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(bench.message(hung),
            "no answer for 60 s (policy.infer_timeout): the vision worker was ended");
  bench.up();
  bench.loaded("other");
  bench.inferred("other");
  EXPECT_TRUE(bench.ok(behind));
  EXPECT_EQ(bench.lanes.count("infer yolo"), 1u);
}

TEST(Watchdog, An_inference_is_watched_from_its_last_sign_of_progress) {
  Bench bench({.infer_watchdog = 60s, .generation_watchdog = 60s});
  bench.model("whisper", Lane::kSpeech);
  bench.model("llm", Lane::kGeneration);
  for (const char* key : {"whisper", "llm"}) {
    bench.resident(key);
    bench.infer(key);
    const std::string order = std::string("infer ") + key;
    for (int piece = 0; piece < 30; ++piece) {
      bench.advance(59s);
      bench.broker.progressed(bench.job(order));
    }
    bench.advance(59s);
    EXPECT_EQ(bench.lanes.log.back(), order);
    bench.advance(1s);
    EXPECT_TRUE(bench.lanes.log.back().ends_with(": no answer for 60 s")) << bench.lanes.log.back();
    bench.inferred(key);
  }
}

TEST(Watchdog, What_is_streamed_is_progress) {
  Bench bench({.infer_watchdog = 60s});
  bench.model("whisper", Lane::kSpeech);
  bench.resident("whisper");
  bench.infer("whisper");
  bench.advance(59s);
  bench.broker.event(bench.job("infer whisper"), {});
  bench.advance(59s);
  EXPECT_EQ(bench.lanes.log.back(), "infer whisper");
}

TEST(Telemetry, A_running_lane_is_asked_the_idle_one_first_and_not_twice) {
  Bench bench;
  bench.broker.ask_telemetry();
  EXPECT_TRUE(bench.lanes.log.empty());
  bench.model("whisper", Lane::kSpeech);
  bench.resident("yolo");
  bench.resident("whisper");
  bench.infer("yolo");
  bench.broker.ask_telemetry();
  bench.broker.ask_telemetry();
  EXPECT_EQ(bench.lanes.count("telemetry speech"), 1u);
  EXPECT_EQ(bench.lanes.count("telemetry vision"), 0u);
  bench.telemetry_read("speech");
  bench.broker.ask_telemetry();
  EXPECT_EQ(bench.lanes.count("telemetry speech"), 2u);
}

TEST(Telemetry, Readings_that_hang_cost_the_worker_and_no_request_behind_them) {
  Bench bench({.infer_watchdog = 60s});
  bench.resident("yolo");
  bench.broker.ask_telemetry();
  const RequestId behind = bench.infer("yolo");
  bench.advance(10s);
  EXPECT_EQ(bench.lanes.log.back(), "kill vision: no answer for 10 s");
  for (int i = 0; i < 2; ++i) {
    bench.lost();
    bench.advance(1s);
    bench.up();
    bench.loaded("yolo");
  }
  EXPECT_FALSE(bench.done(behind)) << "one loss was its own, the first was not";
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(behind));
}

TEST(Telemetry, After_it_has_cost_a_worker_nobody_asks_for_some_minutes) {
  Bench bench;
  bench.resident("yolo");
  bench.broker.ask_telemetry();
  bench.advance(10s);
  bench.lost();
  bench.up();
  bench.loaded("yolo");
  bench.broker.ask_telemetry();
  EXPECT_EQ(bench.lanes.count("telemetry vision"), 1u);
  bench.advance(5min);
  bench.broker.ask_telemetry();
  EXPECT_EQ(bench.lanes.count("telemetry vision"), 2u);
}

TEST(Telemetry, Readings_keep_no_lane_from_retiring_and_no_drain_from_ending) {
  Bench bench({.idle_lane = 5s});
  bench.resident("yolo", {.keep_alive = 0s});
  bench.tick();
  bench.unloaded("yolo");
  bench.broker.ask_telemetry();
  EXPECT_TRUE(bench.broker.idle());
  bench.advance(5s);
  EXPECT_EQ(bench.lanes.log.back(), "kill vision: idle");
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

TEST(Watchdog, A_load_that_hangs_fails_who_waits_for_it) {
  Bench bench({.load_watchdog = 180s});
  const RequestId id = bench.infer("yolo");
  bench.up();
  bench.advance(180s);
  bench.lost(Lane::kVision, "no answer for 180 s");
  EXPECT_EQ(bench.error(id), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(bench.message(id),
            "no answer for 180 s (policy.load_timeout): the vision worker was ended");
  EXPECT_TRUE(bench.outcome(id).during_load);
  bench.advance(1min);
  EXPECT_EQ(bench.lanes.count("load yolo"), 1u);
}

TEST(Watchdog, A_load_of_a_language_or_speech_model_that_hangs_is_repeated_once) {
  for (const Lane lane : {Lane::kGeneration, Lane::kSpeech}) {
    Bench bench({.load_watchdog = 180s});
    bench.model("large", lane);
    const RequestId id = bench.infer("large");
    bench.up(lane);
    bench.advance(180s);
    bench.lost(lane, "no answer for 180 s");
    EXPECT_FALSE(bench.done(id));
    bench.advance(1s);
    bench.up(lane);
    EXPECT_EQ(bench.lanes.count("load large"), 2u);
    bench.advance(180s);
    bench.lost(lane, "no answer for 180 s");
    EXPECT_EQ(bench.error(id), ErrorCode::kDeadlineExceeded);
    bench.advance(1min);
    EXPECT_EQ(bench.lanes.count("load large"), 2u);
  }
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
