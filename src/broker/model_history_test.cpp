#include "broker/model_history.hpp"

#include <functional>

#include <gtest/gtest.h>

namespace npu::broker {
namespace {

using namespace std::chrono_literals;

ModelSpec model(const std::string& key, Lane lane = Lane::kVision, std::uint64_t bound = 0) {
  return {.key = key, .lane = lane, .memory_bound = bound};
}

TEST(ModelHistory, An_unknown_model_is_expected_to_run_as_its_lane_does) {
  ModelHistory history;
  EXPECT_LT(history.expected_run(model("a")), 100ms);
  EXPECT_GT(history.expected_run(model("llm", Lane::kGeneration)), 1s);
  history.ran(model("b"), 300ms);
  EXPECT_EQ(history.expected_run(model("a")), 300ms);
}

TEST(ModelHistory, The_mean_follows_what_is_measured_and_one_outlier_does_not_turn_it) {
  ModelHistory history;
  for (int i = 0; i < 50; ++i) history.ran(model("a"), 10ms);
  history.ran(model("a"), 110ms);
  EXPECT_EQ(history.expected_run(model("a")), 30ms);
  for (int i = 0; i < 50; ++i) history.ran(model("a"), 20ms);
  EXPECT_NEAR(static_cast<double>(history.expected_run(model("a")) / 1us), 20000, 10);
}

TEST(ModelHistory, The_measured_size_counts_instead_of_the_bound) {
  ModelHistory history;
  EXPECT_EQ(history.memory_needed(model("a", Lane::kVision, 50)), 50u);
  history.measured(model("a"), 30);
  EXPECT_EQ(history.memory_needed(model("a", Lane::kVision, 50)), 30u);
}

TEST(ModelHistory, A_refusal_is_remembered_for_a_while_which_no_retry_makes_longer) {
  ModelHistory history;
  const SteadyTime now{};
  EXPECT_FALSE(history.refused_lately(model("a"), now));
  for (Duration after{}; after < ModelHistory::kRefusalLasts; after += 10s) {
    history.refused(model("a"), {}, now + after);
  }
  EXPECT_TRUE(history.refused_lately(model("a"), now + ModelHistory::kRefusalLasts - 1ns));
  EXPECT_FALSE(history.refused_lately(model("a"), now + ModelHistory::kRefusalLasts));
}

TEST(ModelHistory, A_refusal_lasts_twice_as_long_each_time_until_the_model_is_loaded) {
  ModelHistory history;
  SteadyTime now{};
  for (Duration lasts = ModelHistory::kRefusalLasts; lasts < ModelHistory::kLongestRefusal;
       lasts *= 2) {
    history.refused(model("a"), {}, now);
    EXPECT_TRUE(history.refused_lately(model("a"), now + lasts - 1ns));
    EXPECT_FALSE(history.refused_lately(model("a"), now + lasts));
    now += lasts;
  }
  for (int i = 0; i < 3; ++i) {
    history.refused(model("a"), {}, now);
    now += ModelHistory::kLongestRefusal;
    EXPECT_FALSE(history.refused_lately(model("a"), now));
  }
  history.refused(model("a"), {}, now);
  history.loaded(model("a"));
  EXPECT_FALSE(history.refused_lately(model("a"), now));
  history.refused(model("a"), {}, now);
  EXPECT_FALSE(history.refused_lately(model("a"), now + ModelHistory::kRefusalLasts));
}

// Refused by a device that had loaded 5 models; what happens then, and whether it is forgotten.
struct Change {
  const char* what;
  std::function<void(ModelHistory&)> happens;
  bool forgotten;
  bool fresh_group = false;
};

TEST(ModelHistory, A_refusal_is_forgotten_when_what_led_to_it_is_no_more) {
  const Change changes[] = {
      {"one that was there has left", [](auto& history) { history.gives_room(5); }, true},
      {"a later one has left", [](auto& history) { history.gives_room(6); }, false},
      {"another worker", [](auto& history) { history.worker_replaced(); }, true},
      {"another worker", [](auto& history) { history.worker_replaced(); }, true, true},
      {"another group", [](auto& history) { history.group_renewed(); }, true},
      {"another group", [](auto& history) { history.group_renewed(); }, false, true},
  };
  for (const Change& change : changes) {
    ModelHistory history;
    const SteadyTime now{};
    history.refused(model("a"), {.loads = 5, .fresh_group = change.fresh_group}, now);
    change.happens(history);
    EXPECT_EQ(history.refused_lately(model("a"), now), !change.forgotten) << change.what;
  }
}

TEST(ModelHistory, What_was_learnt_of_another_file_counts_for_nothing) {
  ModelHistory history;
  const ModelSpec old{.key = "a", .memory_bound = 5, .content = 1};
  const ModelSpec changed{.key = "a", .memory_bound = 5, .content = 2};
  history.measured(old, 70);
  history.refused(old, {}, {});
  EXPECT_FALSE(history.refused_lately(changed, {}));
  EXPECT_EQ(history.memory_needed(changed), 5u);
  EXPECT_TRUE(history.refused_lately(old, {}));
  history.refused(changed, {}, {});
  EXPECT_EQ(history.memory_needed(old), 5u) << "one set of files is remembered";
}

TEST(ModelHistory, The_one_is_forgotten_of_which_nothing_was_learnt_for_longest) {
  ModelHistory history;
  history.measured(model("first"), 7);
  history.measured(model("second"), 7);
  for (std::size_t i = 0; i + 2 < ModelHistory::kCapacity; ++i) {
    history.measured(model(std::to_string(i)), 1);
  }
  history.ran(model("first"), 1ms);
  history.measured(model("new"), 1);
  EXPECT_EQ(history.memory_needed(model("first", Lane::kVision, 99)), 7u);
  EXPECT_EQ(history.memory_needed(model("second", Lane::kVision, 99)), 99u);
}

TEST(ModelHistory, It_does_not_grow_with_the_number_of_models_that_clients_invent) {
  ModelHistory history;
  history.measured(model("first"), 7);
  for (std::size_t i = 0; i < ModelHistory::kCapacity; ++i) {
    history.measured(model(std::to_string(i)), 1);
  }
  EXPECT_EQ(history.memory_needed(model("first", Lane::kVision, 99)), 99u);
  EXPECT_EQ(history.memory_needed(model("0", Lane::kVision, 99)), 1u);
}

TEST(ModelHistory, The_fastest_run_is_not_told_from_too_few) {
  ModelHistory history;
  history.ran(model("a"), 10ms);
  history.ran(model("a"), 10ms);
  EXPECT_EQ(history.fastest_run(model("a")), 0ms);
  history.ran(model("a"), 10ms);
  EXPECT_EQ(history.fastest_run(model("a")), 10ms);
}

TEST(ModelHistory, The_fastest_run_sinks_when_nothing_is_tried_and_rises_with_slower_runs) {
  ModelHistory history;
  for (int i = 0; i < 3; ++i) history.ran(model("a"), 100ms);
  for (int i = 0; i < 10; ++i) history.not_tried(model("a"));
  EXPECT_LT(history.fastest_run(model("a")), 85ms);
  for (int i = 0; i < 20; ++i) history.ran_at_least(model("a"), 100ms);
  EXPECT_GT(history.fastest_run(model("a")), 99ms);
  history.ran(model("a"), 40ms);
  EXPECT_EQ(history.fastest_run(model("a")), 40ms);
}

}  // namespace
}  // namespace npu::broker
