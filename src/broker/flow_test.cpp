// Loading, running and unloading, when nothing goes wrong.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

TEST(Flow, An_inference_starts_its_lane_and_loads_its_model_first) {
  Bench bench;
  const RequestId id = bench.infer("yolo");
  EXPECT_EQ(bench.lanes.log, (std::vector<std::string>{"start vision"}));
  bench.advance(1s);
  bench.up();
  bench.advance(2s);
  bench.loaded("yolo");
  bench.advance(10ms);
  bench.inferred("yolo");
  EXPECT_EQ(bench.lanes.log, (std::vector<std::string>{"start vision", "load yolo", "infer yolo"}));
  ASSERT_TRUE(bench.ok(id));
  EXPECT_EQ(bench.outcome(id).queued, 1s);
  EXPECT_EQ(bench.outcome(id).loading, 2s);
  EXPECT_EQ(bench.outcome(id).running, 10ms);
  EXPECT_TRUE(bench.broker.idle());
}

TEST(Flow, Submit_answers_nothing_from_inside) {
  Bench bench;
  bench.resident("yolo");
  const RequestId hit = bench.load("yolo");
  const RequestId absent = bench.unload("clip");
  EXPECT_FALSE(bench.replies.by_request.contains(hit));
  EXPECT_FALSE(bench.replies.by_request.contains(absent));
  EXPECT_EQ(bench.broker.next_timer(), bench.clock.now());
  EXPECT_TRUE(bench.outcome(hit).was_there);
  EXPECT_FALSE(bench.outcome(absent).was_there);
}

TEST(Flow, Requests_for_a_loading_model_share_the_one_load) {
  Bench bench;
  const RequestId first = bench.load("yolo");
  bench.up();
  const RequestId second = bench.load("yolo");
  const RequestId third = bench.infer("yolo");
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_EQ(bench.lanes.count("load yolo"), 1u);
  EXPECT_TRUE(bench.ok(first) && bench.ok(second) && bench.ok(third));
  EXPECT_FALSE(bench.outcome(first).was_there);
}

TEST(Flow, A_failed_load_fails_everybody_who_waits_for_it_and_nobody_else) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  const RequestId load = bench.load("llm");
  const RequestId infer = bench.infer("llm");
  const RequestId behind = bench.infer("llm", {.client = "other"});
  const RequestId other = bench.infer("other");
  bench.up(Lane::kGeneration);
  bench.load_failed("llm", ErrorCode::kInvalidArgument, "not a HEF");
  for (const RequestId id : {load, infer, behind}) {
    EXPECT_EQ(bench.error(id), ErrorCode::kInvalidArgument);
    EXPECT_TRUE(bench.outcome(id).during_load);
    EXPECT_EQ(bench.message(id), "not a HEF");
  }
  EXPECT_FALSE(bench.done(other));
  EXPECT_EQ(bench.lanes.count("load llm"), 1u);
}

TEST(Flow, An_error_of_the_device_reaches_the_request_and_does_not_count_as_use) {
  Bench bench;
  bench.resident("yolo");
  const WallTime before = bench.status("yolo")->last_used;
  bench.advance(1s);
  const RequestId id = bench.infer("yolo");
  bench.broker.inferred(bench.take("infer yolo"), fail(ErrorCode::kInvalidArgument, "shape"));
  EXPECT_EQ(bench.message(id), "shape");
  EXPECT_FALSE(bench.outcome(id).during_load);
  EXPECT_EQ(bench.status("yolo")->last_used, before);
}

TEST(Flow, A_load_hit_and_an_inference_count_as_use) {
  Bench bench;
  bench.resident("yolo");
  const WallTime loaded = bench.status("yolo")->loaded_at;
  bench.advance(1s);
  bench.load("yolo");
  EXPECT_EQ(bench.status("yolo")->last_used, loaded + 1s);
  bench.advance(1s);
  bench.infer("yolo");
  bench.inferred("yolo");
  EXPECT_EQ(bench.status("yolo")->last_used, loaded + 2s);
  EXPECT_EQ(bench.status("yolo")->loaded_at, loaded);
}

TEST(Flow, The_vision_lane_gets_the_next_job_while_one_runs_and_no_third) {
  Bench bench;
  bench.resident("yolo");
  for (int i = 0; i < 3; ++i) bench.infer("yolo");
  EXPECT_EQ(bench.lanes.count("infer yolo"), 2u);
  EXPECT_EQ(bench.broker.snapshot().queued, 1u);
  EXPECT_EQ(bench.broker.snapshot().running, 2u);
  bench.inferred("yolo");
  EXPECT_EQ(bench.lanes.count("infer yolo"), 3u);
}

TEST(Flow, A_generation_runs_alone_on_its_lane) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  bench.infer("llm");
  bench.infer("llm");
  EXPECT_EQ(bench.lanes.count("infer llm"), 1u);
}

TEST(Flow, A_job_handed_over_meanwhile_does_not_shorten_the_run_of_the_first) {
  Bench bench;
  bench.resident("yolo");
  const RequestId first = bench.infer("yolo");
  bench.advance(20ms);
  bench.infer("yolo");
  bench.advance(10ms);
  bench.inferred("yolo");
  EXPECT_EQ(bench.outcome(first).running, 30ms);
}

TEST(Flow, What_a_job_handed_over_early_waited_counts_as_queued_not_as_running) {
  Bench bench;
  bench.resident("yolo");
  bench.infer("yolo");
  const RequestId second = bench.infer("yolo");
  bench.advance(30ms);
  bench.inferred("yolo");
  bench.advance(6ms);
  bench.inferred("yolo");
  EXPECT_EQ(bench.outcome(second).queued, 30ms);
  EXPECT_EQ(bench.outcome(second).running, 6ms);
}

TEST(Flow, A_late_realtime_request_overtakes_what_was_not_handed_over) {
  Bench bench;
  bench.resident("yolo");
  bench.resident("pose");
  for (int i = 0; i < 3; ++i) bench.infer("yolo", {.priority = Priority::kBatch});
  bench.infer("pose", {.priority = Priority::kRealtime});
  bench.inferred("yolo");
  EXPECT_EQ(bench.lanes.log.back(), "infer pose");
}

TEST(Flow, A_load_does_not_hold_up_another_lane) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("yolo");
  bench.load("llm");
  bench.up(Lane::kGeneration);
  bench.infer("yolo");
  bench.inferred("yolo");
  EXPECT_EQ(bench.replies.order.size(), 2u);
}

TEST(Flow, A_busy_model_is_unloaded_when_its_use_ends) {
  Bench bench;
  bench.resident("yolo");
  bench.infer("yolo");
  const RequestId unload = bench.unload("yolo");
  EXPECT_EQ(bench.job("unload yolo"), 0u);
  EXPECT_FALSE(bench.done(unload));
  bench.inferred("yolo");
  bench.unloaded("yolo");
  EXPECT_TRUE(bench.outcome(unload).was_there);
  EXPECT_FALSE(bench.is_resident("yolo"));
}

TEST(Flow, Work_queued_behind_an_unload_loads_the_model_again) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  bench.infer("llm");
  const RequestId queued = bench.infer("llm");
  bench.unload("llm");
  bench.inferred("llm");
  EXPECT_EQ(bench.job("infer llm"), 0u);
  bench.unloaded("llm");
  bench.loaded("llm");
  bench.inferred("llm");
  EXPECT_TRUE(bench.ok(queued));
}

TEST(Flow, An_unload_of_a_loading_model_waits_for_the_load) {
  Bench bench;
  const RequestId load = bench.load("yolo");
  bench.up();
  const RequestId unload = bench.unload("yolo");
  bench.loaded("yolo");
  EXPECT_TRUE(bench.ok(load));
  bench.unloaded("yolo");
  EXPECT_TRUE(bench.outcome(unload).was_there);
}

TEST(Flow, A_failed_unload_says_so) {
  Bench bench;
  bench.resident("yolo");
  const RequestId unload = bench.unload("yolo");
  bench.broker.unloaded(bench.take("unload yolo"), fail(ErrorCode::kInternal, "stuck"));
  EXPECT_EQ(bench.message(unload), "stuck");
}

TEST(KeepAlive, A_model_leaves_that_long_after_its_last_use) {
  Bench bench;
  bench.resident("yolo", {.keep_alive = 10s});
  bench.advance(9s);
  bench.infer("yolo");
  bench.advance(5s);
  bench.inferred("yolo");
  bench.advance(9s);
  EXPECT_TRUE(bench.is_resident("yolo"));
  bench.advance(2s);
  EXPECT_EQ(bench.lanes.log.back(), "unload yolo");
}

TEST(KeepAlive, A_request_without_it_does_not_shorten_what_was_said) {
  Bench bench({.default_keep_alive = 1s});
  bench.resident("yolo", {.keep_alive = Duration::max()});
  bench.infer("yolo");
  bench.inferred("yolo");
  bench.advance(1h);
  EXPECT_TRUE(bench.is_resident("yolo"));
  EXPECT_FALSE(bench.status("yolo")->expires);
}

TEST(KeepAlive, Zero_unloads_when_idle_but_not_before_the_queue_is_served) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  bench.infer("llm", {.keep_alive = 0s});
  bench.infer("llm");
  bench.inferred("llm");
  bench.tick();
  EXPECT_EQ(bench.lanes.log.back(), "infer llm");
  bench.inferred("llm");
  bench.tick();
  EXPECT_EQ(bench.lanes.log.back(), "unload llm");
}

TEST(KeepAlive, The_status_tells_when_a_model_expires) {
  Bench bench;
  bench.resident("yolo", {.keep_alive = 10s});
  bench.advance(4s);
  EXPECT_EQ(bench.status("yolo")->expires, bench.clock.wall() + 6s);
}

TEST(Pin, A_pinned_model_does_not_expire_until_it_is_unpinned) {
  Bench bench;
  bench.resident("yolo", {.keep_alive = 1s, .pin = true});
  bench.advance(1h);
  EXPECT_TRUE(bench.status("yolo")->pinned);
  bench.load("yolo", {.pin = false});
  bench.advance(2s);
  EXPECT_EQ(bench.lanes.log.back(), "unload yolo");
}

TEST(Snapshot, Models_are_listed_in_the_order_of_loading) {
  Bench bench;
  for (const char* key : {"c", "a", "b"}) bench.resident(key);
  const auto models = bench.broker.snapshot().models;
  ASSERT_EQ(models.size(), 3u);
  EXPECT_EQ(models[0].model.key + models[1].model.key + models[2].model.key, "cab");
}

TEST(Rank, The_worker_is_told_the_class_that_was_asked_for) {
  Bench bench;
  bench.resident("yolo");
  for (const Priority priority : {Priority::kRealtime, Priority::kInteractive, Priority::kBatch}) {
    bench.infer("yolo", {.priority = priority});
    ASSERT_FALSE(bench.lanes.ranks.empty());
    EXPECT_EQ(bench.lanes.ranks.back(), priority);
    bench.inferred("yolo");
  }
}

TEST(Rank, Realtime_beyond_a_users_share_is_interactive_to_the_worker_too) {
  Bench bench({.realtime_share = 0});
  bench.resident("yolo");
  const How greedy{.client = "camera", .priority = Priority::kRealtime, .user = 1};
  for (int i = 0; i < 3; ++i) bench.infer("yolo", greedy);
  bench.infer("yolo", {.client = "other", .user = 2});
  for (int i = 0; i < 4; ++i) bench.inferred("yolo");
  ASSERT_EQ(bench.lanes.ranks.size(), 4u);
  EXPECT_EQ(bench.lanes.ranks.back(), Priority::kInteractive);
  EXPECT_EQ(std::ranges::count(bench.lanes.ranks, Priority::kRealtime), 2)
      << "those that were handed over while nobody else was there";
}

TEST(Rank, What_has_waited_for_long_is_lifted_for_the_worker_too) {
  Bench bench({.aging = 5s});
  bench.resident("yolo");
  for (int i = 0; i < 3; ++i) bench.infer("yolo", {.priority = Priority::kBatch});
  bench.advance(6s);
  for (int i = 0; i < 3; ++i) bench.inferred("yolo");
  EXPECT_EQ(bench.lanes.ranks,
            (std::vector{Priority::kBatch, Priority::kBatch, Priority::kInteractive}));
}

}  // namespace
}  // namespace npu::broker::test
