// Models that several users share: who may take them away, and who may keep them for how long.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

constexpr std::uint32_t kAnn = 1001;
constexpr std::uint32_t kBob = 1002;

How by(std::uint32_t user, How how = {}) {
  how.user = user;
  how.client = std::to_string(user);
  if (how.connection == How{}.connection) how.connection = user;
  how.administrator = false;
  return how;
}

TEST(SharedModel, Its_only_user_may_unload_it) {
  Bench bench;
  bench.resident("yolo", by(kAnn));
  const RequestId id = bench.unload("yolo", by(kAnn));
  bench.unloaded("yolo");
  EXPECT_TRUE(bench.ok(id));
}

TEST(SharedModel, What_another_has_loaded_or_used_only_an_administrator_unloads) {
  Bench bench;
  bench.resident("loaded", by(kBob));
  bench.resident("used", by(kAnn));
  bench.infer("used", by(kBob));
  bench.inferred("used");
  for (const char* key : {"loaded", "used"}) {
    const auto refused = bench.submit(RequestKind::kUnload, key, by(kAnn));
    ASSERT_FALSE(refused) << key;
    EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
    const RequestId id = bench.unload(key);
    bench.unloaded(key);
    EXPECT_TRUE(bench.ok(id)) << key;
  }
}

TEST(SharedModel, Who_waits_for_it_uses_it) {
  Bench bench;
  bench.load("yolo", by(kAnn));
  bench.up();
  bench.infer("yolo", by(kBob));
  EXPECT_FALSE(bench.submit(RequestKind::kUnload, "yolo", by(kAnn)));
}

TEST(SharedModel, Use_before_it_was_unloaded_counts_no_more_but_the_loss_of_a_worker_ends_none) {
  Bench bench;
  bench.resident("yolo", by(kBob));
  bench.lost();
  bench.advance(5s);
  bench.up();
  bench.loaded("yolo");
  EXPECT_FALSE(bench.submit(RequestKind::kUnload, "yolo", by(kAnn)));
  bench.unload("yolo");
  bench.unloaded("yolo");
  bench.resident("yolo", by(kAnn));
  EXPECT_TRUE(bench.submit(RequestKind::kUnload, "yolo", by(kAnn)));
}

TEST(SharedModel, It_stays_as_long_as_any_of_its_users_wants) {
  Bench bench;
  bench.resident("yolo", by(kAnn, {.keep_alive = 60s}));
  bench.infer("yolo", by(kBob, {.keep_alive = 0s}));
  bench.inferred("yolo");
  bench.advance(59s);
  EXPECT_EQ(bench.lanes.count("unload yolo"), 0u);
  bench.advance(2s);
  EXPECT_EQ(bench.lanes.count("unload yolo"), 1u);
}

TEST(SharedModel, Who_has_said_nothing_wants_the_default) {
  Bench bench({.default_keep_alive = 30s});
  bench.resident("yolo", by(kAnn));
  bench.load("yolo", by(kBob, {.keep_alive = 0s}));
  bench.advance(29s);
  EXPECT_EQ(bench.lanes.count("unload yolo"), 0u);
  bench.advance(2s);
  EXPECT_EQ(bench.lanes.count("unload yolo"), 1u);
}

TEST(ModelQuota, Over_it_a_user_goes_without_one_of_his_own) {
  Bench bench({.min_residency = 0s, .max_models = 4, .max_models_per_user = 2});
  bench.resident("victims", by(kAnn));
  bench.resident("first", by(kBob));
  bench.resident("second", by(kBob));
  bench.load("third", by(kBob));
  bench.unloaded("first");
  bench.loaded("third");
  EXPECT_TRUE(bench.is_resident("victims"));
  EXPECT_TRUE(bench.is_resident("second"));
}

TEST(ModelQuota, What_others_have_used_is_not_his_own) {
  Bench bench({.min_residency = 0s, .max_models_per_user = 2});
  bench.resident("shared", by(kBob));
  bench.load("shared", by(kAnn));
  bench.resident("first", by(kBob));
  bench.resident("second", by(kBob));
  bench.load("third", by(kBob));
  bench.unloaded("first");
  bench.loaded("third");
  EXPECT_TRUE(bench.is_resident("shared"));
}

TEST(ModelQuota, Of_all_models_the_one_goes_that_was_not_used_for_longest) {
  Bench bench({.min_residency = 0s, .max_models = 2});
  bench.resident("a", by(kAnn));
  bench.resident("b", by(kBob));
  bench.infer("a", by(kAnn));
  bench.inferred("a");
  bench.load("c", by(kBob));
  bench.load("d", by(kBob));
  bench.unloaded("b");
  bench.loaded("c");
  bench.unloaded("a");
  bench.loaded("d");
  EXPECT_EQ(bench.broker.snapshot().models.size(), 2u);
}

TEST(ModelQuota, One_that_is_being_loaded_is_waited_for) {
  for (const Options& bounds : {Options{.min_residency = 0s, .max_models = 1},
                                Options{.min_residency = 0s, .max_models_per_user = 1}}) {
    Bench bench(bounds);
    const RequestId first = bench.load("a", by(kBob));
    const RequestId second = bench.load("b", by(kBob));
    bench.up();
    bench.loaded("a");
    bench.unloaded("a");
    bench.loaded("b");
    EXPECT_TRUE(bench.ok(first) && bench.ok(second));
  }
}

TEST(ModelQuota, Who_has_pinned_all_of_his_gets_no_other) {
  Bench bench({.max_models_per_user = 2});
  bench.resident("a", by(kBob, {.pin = true}));
  bench.resident("b", by(kBob, {.pin = true}));
  const RequestId id = bench.load("c", by(kBob));
  EXPECT_EQ(bench.error(id), ErrorCode::kQuotaExceeded);
  bench.resident("c", by(kAnn));
}

TEST(Pin, It_ends_with_the_connection_except_an_administrators) {
  Bench bench({.default_keep_alive = 30s});
  bench.resident("of ann", by(kAnn, {.keep_alive = Duration::max(), .pin = true}));
  bench.resident("of root", {.connection = 7, .pin = true});
  bench.broker.connection_gone(kAnn);
  bench.broker.connection_gone(7);
  EXPECT_FALSE(bench.status("of ann")->pinned);
  EXPECT_TRUE(bench.status("of root")->pinned);
  bench.advance(31s);
  EXPECT_EQ(bench.lanes.count("unload of ann"), 1u) << "as one that was never pinned";
  EXPECT_EQ(bench.lanes.count("unload of root"), 0u);
}

TEST(Pin, Each_takes_back_his_own_and_an_administrator_all) {
  Bench bench;
  bench.resident("yolo", by(kAnn, {.pin = true}));
  bench.load("yolo", by(kBob, {.pin = false}));
  EXPECT_TRUE(bench.status("yolo")->pinned);
  bench.load("yolo", by(kAnn, {.connection = 5, .pin = false}));
  EXPECT_FALSE(bench.status("yolo")->pinned);
  bench.load("yolo", by(kAnn, {.pin = true}));
  bench.load("yolo", {.pin = false});
  EXPECT_FALSE(bench.status("yolo")->pinned);
}

TEST(Pin, A_lost_model_whose_pin_has_ended_does_not_wait_for_a_lane_that_cannot_be_started) {
  Bench bench(device_of(100));
  bench.model("a", Lane::kVision, 40);
  bench.model("llm", Lane::kGeneration, 90);
  bench.resident("a", by(kAnn, {.pin = true}));
  for (int i = 0; i < 10; ++i) {
    bench.lost(Lane::kVision, "signal 11");
    bench.advance(60s);
  }
  bench.up(Lane::kGeneration);
  EXPECT_EQ(bench.error(bench.load("llm")), ErrorCode::kDoesNotFit);
  bench.broker.connection_gone(kAnn);
  bench.resident("llm");
}

TEST(PinQuota, A_user_pins_so_many_models_and_is_told_so) {
  Bench bench({.max_pins_per_user = 2});
  for (const char* key : {"a", "b", "c"}) bench.resident(key, by(kAnn));
  bench.load("a", by(kAnn, {.pin = true}));
  bench.load("b", by(kAnn, {.pin = true}));
  bench.load("a", by(kAnn, {.pin = true}));
  const auto refused = bench.submit(RequestKind::kLoad, "c", by(kAnn, {.pin = true}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(bench.ok(bench.load("c", by(kBob, {.pin = true}))));
  EXPECT_TRUE(bench.ok(bench.load("c", {.pin = true})));
}

TEST(PinQuota, It_is_asked_again_when_the_pin_is_applied) {
  Bench bench({.max_pins_per_user = 1});
  const RequestId first = bench.load("a", by(kAnn, {.pin = true}));
  const RequestId second = bench.load("b", by(kAnn, {.pin = true}));
  const RequestId third = bench.infer("c", by(kAnn, {.pin = true}));
  bench.up();
  bench.loaded("a");
  bench.loaded("b");
  bench.loaded("c");
  EXPECT_TRUE(bench.ok(first));
  EXPECT_EQ(bench.error(second), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(bench.error(third), ErrorCode::kQuotaExceeded);
  EXPECT_FALSE(bench.status("b")->pinned);
  EXPECT_EQ(bench.job("infer c"), 0u);
}

TEST(PinQuota, All_who_are_no_administrators_pin_a_part_of_the_memory) {
  Bench bench(device_of(100));
  bench.model("a", Lane::kVision, 30);
  bench.model("b", Lane::kVision, 30);
  bench.model("c", Lane::kVision, 30);
  bench.resident("c", {.pin = true});
  bench.resident("a", by(kAnn, {.pin = true}));
  const auto refused = bench.submit(RequestKind::kLoad, "b", by(kBob, {.pin = true}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(bench.submit(RequestKind::kLoad, "b", {.pin = true}));
}

TEST(PinQuota, What_the_device_has_once_administrators_pin) {
  Bench bench;
  bench.model("llm", Lane::kGeneration, 0, "kv");
  const auto refused = bench.submit(RequestKind::kLoad, "llm", by(kAnn, {.pin = true}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermission);
}

}  // namespace
}  // namespace npu::broker::test
