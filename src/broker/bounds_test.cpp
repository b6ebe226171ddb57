// How much may wait, and what is said to those who come too much.
#include "broker/test_bench.hpp"

namespace npu::broker::test {
namespace {

TEST(Bounds, A_full_queue_is_our_fault_and_a_full_share_the_clients) {
  Bench bench({.max_queued = 3, .max_queued_per_client = 2});
  bench.infer("yolo", {.client = "a"});
  bench.infer("yolo", {.client = "a"});
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo", {.client = "a"}).error().code,
            ErrorCode::kQuotaExceeded);
  bench.infer("yolo", {.client = "b"});
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo", {.client = "c"}).error().code,
            ErrorCode::kOverloaded);
}

TEST(Bounds, A_user_has_one_share_under_however_many_names) {
  Bench bench({.max_queued = 10, .max_queued_per_user = 2, .max_queued_per_client = 2});
  bench.resident("yolo");
  for (const char* name : {"runs", "runs too", "a", "b"}) {
    bench.infer("yolo", {.client = name, .user = 7});
  }
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo", {.client = "c", .user = 7}).error().code,
            ErrorCode::kQuotaExceeded);
  bench.infer("yolo", {.client = "d", .user = 8});
  bench.inferred("yolo");
  bench.infer("yolo", {.client = "c", .user = 7});
}

TEST(Bounds, What_runs_or_has_left_makes_room) {
  Bench bench({.max_queued = 2});
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
  bench.infer("yolo", {.payload_bytes = 60});
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo", {.payload_bytes = 41}).error().code,
            ErrorCode::kOverloaded);
  bench.infer("yolo", {.payload_bytes = 40});
  EXPECT_FALSE(bench.submit(RequestKind::kInfer, "yolo", {.payload_bytes = 101}));
}

TEST(Bounds, Retry_after_is_the_measured_time_of_the_work_ahead) {
  Bench bench({.max_queued = 10});
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
  Bench bench({.max_queued = 2});
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
