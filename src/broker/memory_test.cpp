// Who may become resident, and who has to go.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

// Three models of 40 on a device of 100 do not fit together.
struct Crowded : Bench {
  explicit Crowded(Options options = device_of(100)) : Bench(options) {
    for (const char* key : {"a", "b", "c"}) model(key, Lane::kVision, 40);
  }
};

TEST(Memory, What_can_never_fit_is_refused_at_once_and_evicts_nobody) {
  Crowded bench;
  bench.resident("a");
  bench.model("huge", Lane::kVision, 101);
  const auto refused = bench.submit(RequestKind::kInfer, "huge");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDoesNotFit);
  EXPECT_TRUE(bench.is_resident("a"));
  EXPECT_EQ(bench.broker.snapshot().evictions, 0u);
}

TEST(Memory, What_can_never_fit_is_refused_too_when_the_size_of_the_device_is_learned_later) {
  Bench bench;
  bench.model("huge", Lane::kVision, 101);
  const RequestId id = bench.infer("huge");
  bench.broker.set_memory(100, false);
  bench.up();
  EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
  EXPECT_TRUE(bench.outcome(id).during_load);
  EXPECT_EQ(bench.lanes.count("load huge"), 0u);
}

TEST(Memory, The_least_recently_used_model_goes) {
  Crowded bench;
  bench.resident("a");
  bench.resident("b");
  bench.load("a");
  bench.infer("c");
  EXPECT_EQ(bench.lanes.log.back(), "unload b");
  bench.unloaded("b");
  bench.loaded("c");
  bench.inferred("c");
  EXPECT_TRUE(bench.is_resident("a"));
  const Snapshot now = bench.broker.snapshot();
  EXPECT_EQ(now.evictions, 1u);
  EXPECT_EQ(now.last_capacity_event->reason, "RESOURCE_EXHAUSTED while loading c.hef (type)");
  EXPECT_EQ(now.last_capacity_event->model, "/models/b.hef");
}

TEST(Memory, A_load_begins_only_when_its_victims_have_left) {
  Crowded bench;
  bench.model("speech", Lane::kSpeech, 40);
  bench.resident("a");
  bench.resident("b");
  bench.infer("speech");
  bench.up(Lane::kSpeech);
  EXPECT_EQ(bench.job("load speech"), 0u);
  bench.unloaded("a");
  EXPECT_NE(bench.job("load speech"), 0u);
}

TEST(Memory, The_measured_size_replaces_the_bound) {
  Crowded bench;
  bench.resident("a", {}, 10);
  bench.resident("b", {}, 10);
  bench.resident("c", {}, 10);
  EXPECT_EQ(bench.status("a")->memory_bytes, 10u);
  bench.unload("a");
  bench.unloaded("a");
  bench.resident("a");
  EXPECT_EQ(bench.status("a")->memory_bytes, 10u);
  EXPECT_EQ(bench.broker.snapshot().evictions, 0u);
}

TEST(Memory, One_victim_that_is_enough_is_taken_instead_of_several) {
  Bench bench(device_of(100));
  for (const char* key : {"s1", "s2"}) bench.model(key, Lane::kVision, 10);
  bench.model("big", Lane::kVision, 60);
  bench.model("new", Lane::kVision, 60);
  for (const char* key : {"s1", "s2", "big"}) bench.resident(key);
  bench.infer("new");
  EXPECT_EQ(bench.lanes.log.back(), "unload big");
  EXPECT_EQ(bench.broker.snapshot().evictions, 1u);
}

TEST(Memory, Several_victims_go_where_one_is_not_enough_but_none_in_vain) {
  Bench bench(device_of(100));
  for (const char* key : {"tiny", "x", "y"}) {
    bench.model(key, Lane::kVision, std::string(key) == "tiny" ? 5 : 45);
  }
  bench.model("new", Lane::kVision, 90);
  for (const char* key : {"tiny", "x", "y"}) bench.resident(key);
  bench.infer("new");
  bench.unloaded("x");
  bench.unloaded("y");
  EXPECT_NE(bench.job("load new"), 0u);
  EXPECT_TRUE(bench.is_resident("tiny"));
}

TEST(Memory, A_busy_model_is_waited_for_and_gets_no_new_work_meanwhile) {
  Bench bench(device_of(100));
  bench.model("llm", Lane::kGeneration, 80);
  bench.model("vision", Lane::kVision, 40);
  bench.resident("llm");
  bench.infer("llm");
  const RequestId second = bench.infer("llm");
  const RequestId vision = bench.infer("vision");
  bench.up();
  EXPECT_EQ(bench.job("unload llm"), 0u);
  bench.inferred("llm");
  EXPECT_EQ(bench.lanes.log.back(), "unload llm");
  bench.unloaded("llm");
  bench.loaded("vision");
  bench.inferred("vision");
  EXPECT_TRUE(bench.ok(vision));
  bench.unloaded("vision");
  bench.loaded("llm");
  bench.inferred("llm");
  EXPECT_TRUE(bench.ok(second));
}

TEST(Memory, A_model_that_is_never_idle_by_itself_is_let_run_dry) {
  Bench bench(device_of(100));
  bench.model("stream", Lane::kVision, 80);
  bench.model("speech", Lane::kSpeech, 40);
  bench.resident("stream");
  for (int i = 0; i < 10; ++i) bench.infer("stream");
  bench.infer("speech");
  bench.up(Lane::kSpeech);
  bench.inferred("stream");
  EXPECT_EQ(bench.lanes.count("infer stream"), 2u);
  bench.inferred("stream");
  EXPECT_EQ(bench.lanes.log.back(), "unload stream");
}

TEST(Memory, A_load_that_waits_is_not_robbed_of_the_free_memory_by_a_later_one) {
  Bench bench(device_of(100));
  bench.model("llm", Lane::kGeneration, 50);
  bench.model("large", Lane::kVision, 80);
  bench.model("small", Lane::kSpeech, 40);
  bench.resident("llm");
  bench.infer("llm");
  bench.infer("large");
  bench.up();
  bench.infer("small");
  bench.up(Lane::kSpeech);
  EXPECT_EQ(bench.job("load small"), 0u);
  bench.inferred("llm");
  bench.unloaded("llm");
  EXPECT_NE(bench.job("load large"), 0u);
}

TEST(Memory, A_load_that_waits_does_not_hold_up_its_lane) {
  Bench bench(device_of(100));
  bench.model("llm", Lane::kGeneration, 80);
  bench.model("small", Lane::kVision, 10);
  bench.model("large", Lane::kVision, 40);
  bench.resident("llm");
  bench.resident("small");
  bench.infer("llm");
  bench.infer("large");
  const RequestId small = bench.infer("small");
  bench.inferred("small");
  EXPECT_TRUE(bench.ok(small));
}

TEST(Memory, When_nobody_wants_the_load_any_more_its_victim_stays) {
  Bench bench(device_of(100));
  bench.model("llm", Lane::kGeneration, 80);
  bench.model("vision", Lane::kVision, 40);
  bench.resident("llm");
  bench.infer("llm");
  const RequestId second = bench.infer("llm");
  const RequestId vision = bench.infer("vision");
  bench.up();
  bench.broker.cancel(vision);
  bench.inferred("llm");
  bench.inferred("llm");
  EXPECT_TRUE(bench.ok(second));
  EXPECT_EQ(bench.broker.snapshot().evictions, 0u);
}

TEST(Memory, A_pinned_model_is_never_a_victim) {
  Crowded bench;
  bench.resident("a", {.pin = true});
  bench.resident("b");
  bench.infer("c");
  EXPECT_EQ(bench.lanes.log.back(), "unload b");
}

TEST(Memory, If_only_pinned_models_are_in_the_way_the_load_is_refused_and_says_so) {
  Crowded bench;
  bench.resident("a", {.pin = true});
  bench.resident("b");
  bench.model("large", Lane::kVision, 70);
  const RequestId id = bench.infer("large");
  EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
  EXPECT_NE(bench.message(id).find("pinned"), std::string::npos);
  EXPECT_TRUE(bench.is_resident("b"));
}

TEST(Memory, A_model_stays_for_its_minimum_residency_before_it_can_be_evicted) {
  Crowded bench({.min_residency = 2s, .memory_bytes = 60});
  bench.resident("a");
  bench.advance(500ms);
  bench.infer("b");
  const RequestId meanwhile = bench.infer("a");
  bench.inferred("a");
  EXPECT_TRUE(bench.ok(meanwhile));
  bench.advance(1499ms);
  EXPECT_EQ(bench.job("unload a"), 0u);
  bench.advance(1ms);
  EXPECT_NE(bench.job("unload a"), 0u);
}

TEST(Memory, A_model_loaded_for_a_request_serves_it_before_it_can_be_evicted) {
  Bench bench(device_of(60));
  bench.model("x", Lane::kVision, 40);
  bench.model("y", Lane::kSpeech, 40);
  const RequestId x = bench.infer("x");
  const RequestId y = bench.infer("y");
  bench.up(Lane::kVision);
  bench.up(Lane::kSpeech);
  bench.loaded("x");
  EXPECT_NE(bench.job("infer x"), 0u);
  bench.inferred("x");
  bench.unloaded("x");
  bench.loaded("y");
  bench.inferred("y");
  EXPECT_TRUE(bench.ok(x) && bench.ok(y));
}

TEST(Group, Only_one_model_of_an_exclusive_group_is_resident) {
  Bench bench(device_of(0));
  bench.model("llm", Lane::kGeneration, 0, "kv");
  bench.model("vlm", Lane::kGeneration, 0, "kv");
  bench.resident("llm");
  const RequestId id = bench.infer("vlm");
  EXPECT_EQ(bench.lanes.log.back(), "unload llm");
  bench.unloaded("llm");
  bench.loaded("vlm");
  bench.inferred("vlm");
  EXPECT_TRUE(bench.ok(id));
  const Snapshot now = bench.broker.snapshot();
  EXPECT_EQ(now.evictions, 1u);
  ASSERT_TRUE(now.last_capacity_event) << "whatever is counted is told";
  EXPECT_EQ(now.last_capacity_event->reason, "RESOURCE_EXHAUSTED while loading vlm.hef (type)");
  EXPECT_EQ(now.last_capacity_event->model, "/models/llm.hef");
}

TEST(Group, A_busy_member_is_waited_for) {
  Bench bench(device_of(0));
  bench.model("llm", Lane::kGeneration, 0, "kv");
  bench.model("vlm", Lane::kGeneration, 0, "kv");
  bench.resident("llm");
  bench.infer("llm");
  bench.infer("vlm");
  EXPECT_EQ(bench.job("unload llm"), 0u);
  bench.inferred("llm");
  EXPECT_NE(bench.job("unload llm"), 0u);
}

TEST(Group, A_pinned_member_refuses_the_others_by_name) {
  Bench bench(device_of(0));
  bench.model("llm", Lane::kGeneration, 0, "kv");
  bench.model("vlm", Lane::kGeneration, 0, "kv");
  bench.resident("llm", {.pin = true});
  const RequestId id = bench.load("vlm");
  EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
  EXPECT_NE(bench.message(id).find("/models/llm.hef"), std::string::npos);
}

}  // namespace
}  // namespace npu::broker::test
