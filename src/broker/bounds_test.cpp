// How much may wait, and what is said to those who come too much.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

TEST(Bounds, A_full_queue_is_our_fault_and_a_full_share_the_clients) {
  Bench bench({.max_queued = 4, .max_queued_per_client = 1});
  bench.infer("yolo", {.client = "a", .user = 1});
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo", {.client = "a", .user = 1}).error().code,
            ErrorCode::kQuotaExceeded);
  bench.infer("yolo", {.client = "b", .user = 2});
  bench.infer("yolo", {.client = "c", .user = 3});
  bench.infer("yolo", {.client = "d", .user = 4});
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo", {.client = "e", .user = 5}).error().code,
            ErrorCode::kOverloaded);
}

// As many requests of a user as are taken, each under a name of its own.
std::size_t take_all(Bench& bench, std::uint32_t user, std::uint64_t bytes = 0) {
  std::size_t taken = 0;
  while (true) {
    const How how{.client = std::to_string(taken), .payload_bytes = bytes, .user = user};
    const auto id = bench.submit(RequestKind::kInfer, "yolo", how);
    if (id) {
      ++taken;
      continue;
    }
    EXPECT_EQ(id.error().code, ErrorCode::kQuotaExceeded) << id.error().message;
    return taken;
  }
}

TEST(Bounds, However_greedy_users_are_and_under_however_many_names_there_is_room_for_another) {
  Bench bench({.max_queued = 120});
  EXPECT_EQ(take_all(bench, 1), 60u);
  EXPECT_EQ(take_all(bench, 2), 30u);
  EXPECT_EQ(take_all(bench, 1), 0u);
  EXPECT_EQ(take_all(bench, 3), 15u);
  bench.infer("yolo", {.user = 4});
}

TEST(Bounds, The_same_holds_for_what_waiting_requests_keep_in_memory) {
  Bench bench({.max_queued_bytes = 1200});
  EXPECT_EQ(take_all(bench, 1, 10), 60u);
  EXPECT_EQ(take_all(bench, 2, 10), 30u);
  bench.infer("yolo", {.payload_bytes = 10, .user = 3});
}

TEST(Bounds, What_runs_or_has_left_makes_room) {
  Bench bench({.max_queued = 4});
  bench.resident("yolo");
  for (int i = 0; i < 4; ++i) bench.infer("yolo");
  EXPECT_FALSE(bench.submit(RequestKind::kInfer, "yolo"));
  bench.inferred("yolo");
  const RequestId id = bench.infer("yolo");
  EXPECT_FALSE(bench.submit(RequestKind::kInfer, "yolo"));
  bench.broker.cancel(id);
  EXPECT_TRUE(bench.submit(RequestKind::kInfer, "yolo"));
}

TEST(Bounds, Queued_bytes_are_bounded_too) {
  Bench bench({.max_queued_bytes = 100});
  bench.infer("yolo", {.payload_bytes = 60, .user = 1});
  EXPECT_EQ(
      bench.submit(RequestKind::kInfer, "yolo", {.payload_bytes = 41, .user = 2}).error().code,
      ErrorCode::kOverloaded);
  bench.infer("yolo", {.payload_bytes = 40, .user = 3});
  EXPECT_FALSE(bench.submit(RequestKind::kInfer, "yolo", {.payload_bytes = 101}));
}

TEST(Bounds, Retry_after_is_the_measured_time_of_the_work_ahead) {
  Bench bench({.max_queued = 20});
  bench.resident("yolo");
  for (int i = 0; i < 30; ++i) {
    bench.infer("yolo");
    bench.advance(50ms);
    bench.inferred("yolo");
  }
  for (int i = 0; i < 12; ++i) bench.infer("yolo");
  const auto refused = bench.submit(RequestKind::kInfer, "yolo");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().retry_after, 500ms);
}

TEST(Bounds, A_load_of_a_resident_model_is_answered_although_the_queue_is_full) {
  Bench bench({.max_queued = 1});
  bench.resident("yolo");
  for (int i = 0; i < 3; ++i) bench.infer("yolo");
  EXPECT_TRUE(bench.outcome(bench.load("yolo")).was_there);
}

TEST(Bounds, What_comes_back_from_a_lost_lane_is_taken_whatever_the_bounds) {
  Bench bench({.max_queued = 4});
  bench.resident("yolo");
  std::vector<RequestId> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(bench.infer("yolo"));
  bench.lost();
  EXPECT_EQ(bench.broker.snapshot().queued, 4u);
  EXPECT_FALSE(bench.submit(RequestKind::kInfer, "yolo"));
  bench.up();
  bench.loaded("yolo");
  for (int i = 0; i < 4; ++i) bench.inferred("yolo");
  for (const RequestId id : ids) EXPECT_TRUE(bench.ok(id));
}

TEST(Drain, New_work_is_refused_and_the_rest_is_finished) {
  Bench bench;
  bench.resident("yolo");
  std::vector<RequestId> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(bench.infer("yolo"));
  bench.broker.drain();
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(bench.submit(RequestKind::kUnload, "yolo").error().code, ErrorCode::kUnavailable);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(bench.broker.idle());
    bench.inferred("yolo");
  }
  for (const RequestId id : ids) EXPECT_TRUE(bench.ok(id));
  EXPECT_TRUE(bench.broker.idle());
}

TEST(Drain, A_lane_lost_meanwhile_comes_back_for_its_work_but_not_for_its_models) {
  Bench bench;
  bench.resident("yolo");
  bench.resident("pose");
  const RequestId id = bench.infer("yolo");
  bench.broker.drain();
  bench.lost();
  bench.up();
  bench.loaded("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(id));
  EXPECT_EQ(bench.lanes.count("load pose"), 1u);
  EXPECT_TRUE(bench.broker.idle());
}

}  // namespace
}  // namespace npu::broker::test
