#include "broker/residency.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::broker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ResidentModels : public ::testing::Test {
 protected:
  ResidentModels() { clock_.advance(1h); }
  static ModelSpec spec(const std::string& key, std::uint64_t bytes = 10) {
    return {.key = key, .type = "type", .path = "/models/" + key, .memory_bound = bytes};
  }
  const Model& wanted(const std::string& key, Priority rank = Priority::kInteractive) {
    const Model& model = residency_.record(spec(key));
    residency_.want(model, rank);
    return model;
  }
  const Model& resident(const std::string& key, std::uint64_t measured = 0) {
    const Model& model = wanted(key);
    residency_.admit(model);
    residency_.begin_load(model);
    residency_.became_resident(model, measured, nullptr);
    return model;
  }
  void unload(const Model& model) {
    residency_.start_unload(model);
    residency_.begin_unload(model);
    residency_.became_absent(model, false);
  }

  FakeClock clock_;
  ModelHistory history_;
  Residency residency_{{.aging = 5s}, history_, clock_};
};

TEST_F(ResidentModels, A_record_lasts_as_long_as_somebody_holds_it) {
  const Model& model = residency_.record(spec("a"));
  ModelHold hold = residency_.hold(model, HoldKind::kQueued);
  residency_.forget_if_unused(model);
  EXPECT_EQ(residency_.find("a"), &model);
  hold.release();
  residency_.forget_if_unused(model);
  EXPECT_EQ(residency_.find("a"), nullptr);
}

TEST_F(ResidentModels, Its_owner_is_who_asked_for_it_first) {
  const Model& model = residency_.record(spec("a"), 7);
  const ModelHold hold = residency_.hold(model, HoldKind::kQueued);
  EXPECT_EQ(residency_.record(spec("a"), 8).owner(), 7u);
}

TEST_F(ResidentModels, The_most_urgent_is_planned_for_first_and_waiting_lifts) {
  const Model& old = wanted("old", Priority::kBatch);
  clock_.advance(11s);  // two classes
  const Model& interactive = wanted("b", Priority::kInteractive);
  const Model& realtime = wanted("c", Priority::kRealtime);
  EXPECT_THAT(residency_.by_urgency(), ElementsAre(&old, &realtime, &interactive));
}

TEST_F(ResidentModels, Loads_and_unloads_go_in_the_order_in_which_they_were_decided) {
  const Model& first = wanted("z");
  const Model& second = wanted("a");
  residency_.admit(first);
  residency_.admit(second);
  EXPECT_THAT(residency_.by_urgency(), IsEmpty());
  EXPECT_EQ(residency_.next_load(Lane::kVision), &first);
  EXPECT_EQ(residency_.next_load(Lane::kSpeech), nullptr);
  residency_.begin_load(first);
  EXPECT_EQ(residency_.next_load(Lane::kVision), &second);
  residency_.became_resident(first, 0, nullptr);
  residency_.start_unload(first);
  EXPECT_EQ(residency_.next_unload(Lane::kVision), &first);
  residency_.begin_unload(first);
  EXPECT_EQ(residency_.next_unload(Lane::kVision), nullptr);
  EXPECT_EQ(first.state(), ModelState::kUnloading);
}

TEST_F(ResidentModels, What_is_gone_is_in_no_list_whatever_it_was_about) {
  const Model& planned = wanted("a");
  const Model& admitted = wanted("b");
  residency_.admit(admitted);
  const Model& leaving = resident("c");
  residency_.start_unload(leaving);
  for (const Model* model : {&planned, &admitted, &leaving}) {
    residency_.became_absent(*model, false);
    EXPECT_TRUE(model->absent());
  }
  EXPECT_THAT(residency_.by_urgency(), IsEmpty());
  EXPECT_EQ(residency_.next_load(Lane::kVision), nullptr);
  EXPECT_EQ(residency_.next_unload(Lane::kVision), nullptr);
  EXPECT_FALSE(residency_.needs(Lane::kVision));
}

TEST_F(ResidentModels, Count_with_what_was_measured) {
  const Model& asking = residency_.record(spec("asking"));
  resident("a", 30);
  const Model& admitted = wanted("b");
  residency_.admit(admitted);
  wanted("c");
  EXPECT_EQ(residency_.used_bytes(asking), 40u);
  EXPECT_EQ(residency_.used_bytes(admitted), 30u);
}

TEST_F(ResidentModels, What_a_group_keeps_counts_until_its_release_but_not_twice) {
  residency_.set_device(100, true);
  const Model& asking = residency_.record(spec("asking"));
  const Model& left = resident("left", 30);
  unload(left);
  EXPECT_EQ(residency_.used_bytes(asking), 30u);
  EXPECT_EQ(residency_.retained_bytes(left), 0u);  // it takes no more when it comes back
  residency_.want(left, Priority::kBatch);
  residency_.admit(left);
  EXPECT_EQ(residency_.used_bytes(asking), 30u);
  residency_.became_absent(left, false);
  residency_.group_was_released();
  EXPECT_EQ(residency_.used_bytes(asking), 0u);
}

TEST_F(ResidentModels, Evictions_are_counted_and_the_last_is_told) {
  const Model& victim = resident("victim");
  const Model& wanted = this->wanted("wanted");
  residency_.evict({&victim}, wanted);
  EXPECT_EQ(residency_.evictions(), 1u);
  EXPECT_EQ(residency_.next_unload(Lane::kVision), &victim);
  EXPECT_EQ(residency_.capacity_event()->reason, "RESOURCE_EXHAUSTED while loading wanted (type)");
  EXPECT_EQ(residency_.capacity_event()->model, "/models/victim");
}

TEST_F(ResidentModels, Those_that_come_back_are_restored_the_last_used_first) {
  const Model& a = resident("a");
  const Model& b = resident("b");
  residency_.used(a);
  residency_.became_absent(a, true);
  residency_.became_absent(b, true);
  EXPECT_TRUE(residency_.restores_any_of(Lane::kVision));
  EXPECT_THAT(residency_.to_restore(Lane::kVision), ElementsAre(&a, &b));
  residency_.forget_unpinned_returns(Lane::kVision);
  EXPECT_THAT(residency_.models(), IsEmpty());
}

TEST_F(ResidentModels, A_pin_ends_with_its_connection) {
  const Model& model = resident("a");
  Request request{.connection = 3, .model = spec("a")};
  request.pin = true;
  request.keep_alive = 1h;
  ASSERT_TRUE(residency_.apply_wishes(model, request));
  EXPECT_EQ(model.expiry(), std::nullopt);
  residency_.end_pins(4);
  EXPECT_TRUE(model.pins().any());
  residency_.end_pins(3);
  EXPECT_FALSE(model.pins().any());
  EXPECT_EQ(model.users().keep_alive(), Duration::max());  // the default again
}

}  // namespace
}  // namespace npu::broker
