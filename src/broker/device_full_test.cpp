// When the device itself has no room, and when it gives memory back only as a whole.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

// The device says no although the account says yes.
TEST(DeviceFull, The_least_recently_used_go_one_at_a_time_until_the_load_succeeds) {
  Bench bench(device_of(0));
  for (const char* key : {"a", "b", "c"}) bench.resident(key);
  const RequestId id = bench.load("new");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "HAILO_OUT_OF_HOST_CMA_MEMORY");
  bench.unloaded("a");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "HAILO_OUT_OF_HOST_CMA_MEMORY");
  bench.unloaded("b");
  bench.loaded("new");
  EXPECT_TRUE(bench.ok(id));
  EXPECT_TRUE(bench.is_resident("c"));
  EXPECT_EQ(bench.broker.snapshot().evictions, 2u);
}

TEST(DeviceFull, With_nobody_left_to_evict_the_load_fails_with_the_text_of_the_protocol) {
  Bench bench(device_of(0));
  bench.resident("a");
  bench.resident("pinned", {.pin = true});
  const RequestId id = bench.load("new");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  bench.unloaded("a");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
  EXPECT_EQ(bench.message(id), "81");
  EXPECT_TRUE(bench.is_resident("pinned"));
  const auto event = bench.broker.snapshot().last_capacity_event;
  EXPECT_EQ(event->reason,
            "RESOURCE_EXHAUSTED while loading new.hef (type); no models available to evict");
  EXPECT_EQ(event->model, "/models/new.hef");
}

// Language and speech models: what goes wrong while they are sent may have been that.
TEST(DeviceFull, What_was_perhaps_a_lack_of_room_is_not_told_as_one) {
  Bench bench(device_of(0));
  bench.resident("a");
  const RequestId id = bench.load("new");
  const Error perhaps{ErrorCode::kDoesNotFit, "HAILO_INTERNAL_FAILURE (8)", Millis(1000)};
  bench.load_failed("new", perhaps);
  bench.unloaded("a");
  bench.load_failed("new", perhaps);
  EXPECT_EQ(bench.error(id), ErrorCode::kUnavailable);
  EXPECT_EQ(bench.message(id), "HAILO_INTERNAL_FAILURE (8)");
  EXPECT_FALSE(bench.broker.snapshot().last_capacity_event->reason.ends_with("to evict"));
}

TEST(DeviceFull, A_model_refused_alone_evicts_nobody_when_it_is_tried_again_soon) {
  Bench bench(device_of(0));
  bench.load("new");
  bench.up();
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  bench.resident("a");
  const RequestId again = bench.load("new");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  EXPECT_EQ(bench.error(again), ErrorCode::kDoesNotFit);
  EXPECT_TRUE(bench.is_resident("a"));
}

// Memory that its models do not account for is full with them: one has to go.
struct RefusedOnce : Bench {
  RefusedOnce() : Bench(device_of(0)) {
    for (const char* key : {"pinned", "other"}) {
      resident(key, {.pin = std::string(key) == "pinned"});
    }
    must_be_refused();
    resident("other");
  }
  // Tried with nobody else than those that stay; "other" goes for it if it is there.
  void must_be_refused() {
    const RequestId id = load("new");
    load_failed("new", ErrorCode::kDoesNotFit, "81");
    if (job("unload other") != 0) {
      unloaded("other");
      load_failed("new", ErrorCode::kDoesNotFit, "81");
    }
    EXPECT_EQ(error(id), ErrorCode::kDoesNotFit);
  }
  bool evicts_for_new() {
    load("new");
    load_failed("new", ErrorCode::kDoesNotFit, "81");
    return job("unload other") != 0;
  }
};

TEST(DeviceFull, Retries_do_not_make_a_refusal_last_longer) {
  RefusedOnce bench;
  for (int i = 0; i < 5; ++i) {
    bench.advance(11s);
    EXPECT_FALSE(bench.evicts_for_new());
  }
  bench.advance(6s);
  EXPECT_TRUE(bench.evicts_for_new());
}

TEST(DeviceFull, A_refusal_is_forgotten_when_a_model_leaves_that_was_in_the_way) {
  RefusedOnce bench;
  bench.unload("other");
  bench.unloaded("other");
  bench.resident("other");
  EXPECT_FALSE(bench.evicts_for_new()) << "that one was not there when it was refused";
  bench.unload("pinned");
  bench.unloaded("pinned");
  EXPECT_TRUE(bench.evicts_for_new());
}

TEST(DeviceFull, A_refusal_is_forgotten_when_a_model_in_the_way_is_pinned_no_longer) {
  RefusedOnce bench;
  bench.load("pinned", {.pin = false});
  EXPECT_TRUE(bench.evicts_for_new());
}

TEST(DeviceFull, A_refusal_is_forgotten_with_the_worker) {
  RefusedOnce bench;
  bench.lost();
  bench.advance(5s);
  bench.up();
  bench.loaded("other");
  bench.loaded("pinned");
  EXPECT_TRUE(bench.evicts_for_new());
}

TEST(DeviceFull, A_refusal_counts_for_the_files_that_were_refused) {
  RefusedOnce bench;
  bench.models["new"].content = 1;
  EXPECT_TRUE(bench.evicts_for_new());
}

TEST(DeviceFull, What_was_measured_to_be_larger_than_the_device_is_not_tried_again) {
  Bench bench(device_of(100));
  bench.resident("huge", {}, 150);
  bench.unload("huge");
  bench.unloaded("huge");
  const auto refused = bench.submit(RequestKind::kLoad, "huge");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDoesNotFit);
  bench.models["huge"].content = 1;
  EXPECT_TRUE(bench.submit(RequestKind::kLoad, "huge")) << "other files";
}

TEST(DeviceFull, Nobody_is_evicted_where_twice_the_needed_room_was_free) {
  Bench bench(device_of(100));
  bench.model("a", Lane::kVision, 10);
  bench.model("odd", Lane::kVision, 30);
  bench.resident("a");
  const RequestId id = bench.load("odd");
  bench.load_failed("odd", ErrorCode::kDoesNotFit, "81");
  EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
  EXPECT_TRUE(bench.is_resident("a"));
}

// Memory comes back only when everything is released at once.
struct Whole : Bench {
  Whole() : Bench({.min_residency = 0s, .memory_bytes = 100, .group_release = true}) {
    model("a", Lane::kVision, 40);
    model("b", Lane::kVision, 20);
    model("llm", Lane::kGeneration, 30);
    model("new", Lane::kVision, 40);
  }
  void released(Lane lane) { broker.unloaded(take("release " + std::string(name_of(lane))), {}); }
};

TEST(GroupRelease, Eviction_drains_releases_every_lane_and_brings_back_who_may_stay) {
  Whole bench;
  bench.resident("a");
  bench.resident("b");
  bench.resident("llm");
  bench.infer("llm");
  const RequestId id = bench.infer("new");
  const RequestId meanwhile = bench.infer("b");
  bench.inferred("b");
  EXPECT_TRUE(bench.ok(meanwhile)) << "the vision lane goes on while an answer is generated";
  EXPECT_EQ(bench.job("release vision"), 0u);
  bench.inferred("llm");
  EXPECT_EQ(bench.lanes.count("unload a"), 0u);
  bench.released(Lane::kVision);
  EXPECT_EQ(bench.job("load new"), 0u);
  bench.released(Lane::kGeneration);
  bench.loaded("new");
  bench.inferred("new");
  EXPECT_TRUE(bench.ok(id));
  bench.loaded("b");
  bench.loaded("llm");
  EXPECT_FALSE(bench.is_resident("a"));
  EXPECT_EQ(bench.broker.snapshot().evictions, 1u);
}

TEST(GroupRelease, A_saturated_vision_lane_is_drained_too) {
  Whole bench;
  bench.resident("a");
  bench.resident("b");
  bench.resident("llm");
  for (int i = 0; i < 10; ++i) bench.infer("b");
  bench.infer("new", {.priority = Priority::kRealtime});
  for (int i = 0; i < 4 && bench.job("release vision") == 0; ++i) bench.inferred("b");
  EXPECT_NE(bench.job("release vision"), 0u);
}

TEST(GroupRelease, What_was_unloaded_takes_memory_until_the_group_is_released) {
  Whole bench;
  bench.resident("a");
  bench.resident("b");
  bench.unload("a");
  bench.unloaded("a");
  bench.resident("llm");
  bench.infer("new");
  bench.released(Lane::kVision);
  bench.released(Lane::kGeneration);
  bench.loaded("new");
  bench.inferred("new");
  bench.loaded("b");
  bench.loaded("llm");
  EXPECT_EQ(bench.broker.snapshot().evictions, 0u);
}

TEST(GroupRelease, A_model_that_comes_back_to_what_it_left_on_the_device_keeps_its_size) {
  Whole bench;
  bench.resident("a", {}, 30);
  bench.unload("a");
  bench.unloaded("a");
  bench.resident("a", {}, 2);  // what changed meanwhile is something else
  EXPECT_EQ(bench.status("a")->memory_bytes, 30u);
}

TEST(GroupRelease, A_refusal_renews_the_group_once_although_the_account_has_room) {
  Whole bench;
  bench.resident("a");
  bench.resident("b");
  bench.model("new", Lane::kVision, 5);
  const RequestId id = bench.load("new");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "26 core-ops");
  bench.released(Lane::kVision);
  bench.loaded("new");
  EXPECT_TRUE(bench.ok(id));
  bench.loaded("b");
  bench.loaded("a");
  EXPECT_EQ(bench.broker.snapshot().evictions, 0u);
}

TEST(GroupRelease, A_model_that_is_refused_by_a_new_group_too_is_told_so_and_nobody_has_to_go) {
  Whole bench;
  bench.resident("a");
  bench.model("new", Lane::kVision, 5);
  const RequestId id = bench.load("new");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  bench.released(Lane::kVision);
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
  bench.loaded("a");
  const RequestId again = bench.load("new");
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  EXPECT_EQ(bench.error(again), ErrorCode::kDoesNotFit);
  EXPECT_TRUE(bench.is_resident("a")) << "not again for a while";
}

TEST(GroupRelease,
     For_a_model_that_is_refused_again_and_again_the_group_is_renewed_ever_more_rarely) {
  Whole bench;
  bench.resident("a");
  bench.model("broken", Lane::kVision, 5);
  for (int hour = 0; hour < 24; ++hour) {
    for (int minute = 0; minute < 60; minute += 2) {
      const RequestId id = bench.load("broken");
      bench.load_failed("broken", ErrorCode::kDoesNotFit, "81");
      if (bench.job("release vision") != 0) {
        bench.released(Lane::kVision);
        bench.load_failed("broken", ErrorCode::kDoesNotFit, "81");
        bench.loaded("a");
      }
      EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
      bench.advance(2min);
    }
  }
  // After 1, 2, 4 ... 256 minutes and then every 8 hours.
  EXPECT_LE(bench.lanes.count("release vision"), 12U);
  EXPECT_TRUE(bench.is_resident("a"));
}

TEST(GroupRelease, Of_many_models_that_have_left_all_memory_counts) {
  Bench bench({.min_residency = 0s, .memory_bytes = 2000, .group_release = true});
  for (int i = 0; i < 1999; ++i) {
    const std::string key = std::to_string(i);
    bench.model(key, Lane::kVision, 1);
    bench.resident(key, {.keep_alive = 0s});
    bench.tick();
    bench.unloaded(key);
  }
  bench.model("small", Lane::kVision, 1);
  bench.resident("small");
  EXPECT_EQ(bench.lanes.count("release vision"), 0u);
  bench.model("next", Lane::kVision, 1);
  bench.load("next");
  EXPECT_EQ(bench.lanes.count("release vision"), 1u);
}

TEST(GroupRelease, A_refusal_of_an_empty_device_is_final) {
  Whole bench;
  const RequestId id = bench.load("new");
  bench.up();
  bench.load_failed("new", ErrorCode::kDoesNotFit, "81");
  EXPECT_EQ(bench.error(id), ErrorCode::kDoesNotFit);
}

TEST(GroupRelease, Loads_of_all_lanes_take_turns) {
  Whole bench;
  bench.resident("a");
  bench.up(Lane::kGeneration);
  bench.load("llm");
  bench.load("b");
  EXPECT_NE(bench.job("load llm"), 0u);
  EXPECT_EQ(bench.job("load b"), 0u);
  const RequestId meanwhile = bench.infer("a");
  bench.inferred("a");
  EXPECT_TRUE(bench.ok(meanwhile)) << "inferences do not wait for loads of other lanes";
  bench.load_failed("llm", ErrorCode::kMalformed, "no");
  bench.loaded("b");
}

TEST(GroupRelease, A_load_that_waits_for_its_worker_holds_up_no_other) {
  Whole bench;
  bench.resident("a");
  bench.load("llm");
  bench.load("b");
  bench.loaded("b");
  bench.up(Lane::kGeneration);
  bench.loaded("llm");
}

TEST(GroupRelease, The_loss_of_a_lane_lets_the_next_load_begin) {
  Whole bench;
  bench.resident("a");
  bench.up(Lane::kGeneration);
  bench.load("llm");
  bench.load("b");
  bench.lost(Lane::kGeneration);
  bench.loaded("b");
}

TEST(GroupRelease, Loads_between_lanes_go_in_the_order_of_their_admission) {
  Whole bench;
  bench.resident("a");
  bench.model("new", Lane::kVision, 5);
  bench.up(Lane::kGeneration);
  bench.load("b");
  bench.load("llm");
  bench.load("new");
  bench.loaded("b");
  EXPECT_EQ(bench.job("load new"), 0u);
  bench.loaded("llm");
}

TEST(GroupRelease, What_the_vision_lane_gets_back_is_loaded_before_what_takes_long) {
  Whole bench;
  bench.model("vlm", Lane::kGeneration, 40);
  bench.resident("a");
  bench.resident("b");
  bench.resident("llm");
  bench.load("vlm");
  bench.released(Lane::kVision);
  bench.released(Lane::kGeneration);
  EXPECT_EQ(bench.job("load vlm"), 0u);
  bench.loaded("b");
  bench.loaded("vlm");
  bench.loaded("llm");
}

TEST(GroupRelease, The_loss_of_a_lane_during_the_release_counts_as_its_part) {
  Whole bench;
  bench.resident("a");
  bench.resident("b");
  bench.resident("llm");
  bench.infer("new");
  bench.released(Lane::kVision);
  bench.lost(Lane::kGeneration);
  EXPECT_NE(bench.job("load new"), 0u);
}

}  // namespace
}  // namespace npu::broker::test
