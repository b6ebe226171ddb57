#include "broker/model.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "broker/model_hold.hpp"

namespace npu::broker {
namespace {

using namespace std::chrono_literals;

class ModelRecord : public ::testing::Test {
 protected:
  ModelRecord() { clock_.advance(1h); }
  void make_resident() {
    model_.want(Priority::kInteractive, clock_.now());
    model_.admit(10, 1);
    model_.begin_load();
    model_.become_resident(12, 1, clock_);
    model_.used(1, clock_);
  }

  FakeClock clock_;
  Model model_{{.key = "yolo", .type = "detection"}, 5s};
};

using ModelRecordDeathTest = ModelRecord;

TEST_F(ModelRecord, Takes_memory_from_its_admission_until_it_is_gone) {
  EXPECT_FALSE(model_.takes_memory());
  model_.want(Priority::kInteractive, clock_.now());
  EXPECT_FALSE(model_.takes_memory());
  model_.admit(10, 1);
  EXPECT_TRUE(model_.takes_memory());
  EXPECT_EQ(model_.bytes(), 10u);
  model_.begin_load();
  model_.become_resident(12, 1, clock_);
  EXPECT_EQ(model_.bytes(), 12u);
  EXPECT_TRUE(model_.usable());
  model_.begin_unload();
  EXPECT_TRUE(model_.takes_memory());
  EXPECT_FALSE(model_.usable());
  model_.become_absent(false);
  EXPECT_FALSE(model_.takes_memory());
  EXPECT_EQ(model_.bytes(), 0u);
}

TEST_F(ModelRecord, Keeps_who_pins_it_and_what_it_takes_when_it_is_to_return) {
  make_resident();
  Request request;
  request.administrator = true;
  model_.pins().add(request);
  model_.become_absent(true);
  EXPECT_TRUE(model_.restoring());
  EXPECT_TRUE(model_.pins().any());
  EXPECT_TRUE(model_.holds_place());
  model_.become_absent(false);
  EXPECT_FALSE(std::as_const(model_).pins().any());
  EXPECT_FALSE(model_.holds_place());
}

TEST_F(ModelRecord, That_the_device_refused_is_wanted_again_and_knows_why) {
  model_.want(Priority::kBatch, clock_.now());
  model_.admit(10, 1);
  model_.begin_load();
  model_.refuse({ErrorCode::kDoesNotFit, "full"});
  EXPECT_EQ(model_.state(), ModelState::kWanted);
  EXPECT_EQ(model_.refusal()->message, "full");
  model_.make_room(false);
  EXPECT_TRUE(model_.awaits_unload());
  EXPECT_FALSE(model_.refusal());
}

TEST_F(ModelRecord, Is_promised_to_who_waited_for_its_load_until_it_is_used) {
  ModelHold waiting(model_, HoldKind::kParked);
  make_resident();
  EXPECT_TRUE(model_.promised());
  waiting = ModelHold(model_, HoldKind::kUse);
  EXPECT_FALSE(model_.promised());
}

TEST_F(ModelRecord, Expires_when_it_is_idle_for_as_long_as_its_users_want) {
  make_resident();
  EXPECT_EQ(model_.expiry(), clock_.now() + 5s);
  model_.users().used_by(1, 7s);
  model_.users().used_by(2, 6s);
  EXPECT_EQ(model_.expiry(), clock_.now() + 7s);
  model_.users().forget_wish(1);  // wants the usual 5 s
  EXPECT_EQ(model_.expiry(), clock_.now() + 6s);
  {
    const ModelHold use(model_, HoldKind::kUse);
    EXPECT_EQ(model_.expiry(), std::nullopt);
  }
  model_.users().used_by(2, Duration::max());
  EXPECT_EQ(model_.expiry(), std::nullopt);
}

TEST_F(ModelRecord, Counts_who_holds_it_for_what) {
  make_resident();
  ModelHold first(model_, HoldKind::kQueued);
  ModelHold second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(model_.waiting(), 1u);
  second.become(HoldKind::kParked);
  EXPECT_EQ(model_.waiting(), 1u);
  EXPECT_EQ(model_.parked(), 1u);
  {
    const ModelHold unload(model_, HoldKind::kUnload);
    EXPECT_FALSE(model_.usable());
  }
  EXPECT_TRUE(model_.usable());
  second.release();
  EXPECT_EQ(model_.waiting(), 0u);
}

// Where the program goes on, the record agrees with what was ordered.
TEST_F(ModelRecordDeathTest, A_way_that_does_not_exist_is_a_mistake_of_the_program) {
  EXPECT_DEATH(model_.begin_load(), "yolo becomes loading and is absent");
  EXPECT_DEATH(model_.become_resident(1, 1, clock_), "yolo becomes resident and is absent");
  EXPECT_DEATH(ModelHold(model_, HoldKind::kUse), "yolo is used while it is absent");
  make_resident();
  EXPECT_DEATH(model_.want(Priority::kBatch, clock_.now()), "yolo becomes wanted and is resident");
  const ModelHold use(model_, HoldKind::kUse);
  EXPECT_DEATH(model_.begin_unload(), "yolo is unloaded while it is in use");
  EXPECT_DEATH(model_.become_absent(false), "yolo is given up while it is in use");
}

}  // namespace
}  // namespace npu::broker
