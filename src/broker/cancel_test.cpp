// Requests that end before their time: cancelled, too late, or without a client.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

TEST(Cancel, A_queued_request_never_reaches_the_device) {
  Bench bench;
  const RequestId id = bench.infer("yolo");
  EXPECT_TRUE(bench.broker.cancel(id));
  EXPECT_EQ(bench.error(id), ErrorCode::kCancelled);
  bench.up();
  EXPECT_EQ(bench.lanes.log, (std::vector<std::string>{"start vision"}));
  EXPECT_FALSE(bench.broker.cancel(id));
}

TEST(Cancel, A_request_that_waits_for_its_load_ends_and_the_load_goes_on) {
  Bench bench;
  const RequestId id = bench.infer("yolo");
  bench.up();
  EXPECT_TRUE(bench.broker.cancel(id));
  EXPECT_EQ(bench.error(id), ErrorCode::kCancelled);
  bench.loaded("yolo");
  EXPECT_TRUE(bench.is_resident("yolo"));
  EXPECT_EQ(bench.job("infer yolo"), 0u);
}

TEST(Cancel, A_request_handed_over_but_not_begun_is_answered_once) {
  Bench bench;
  bench.resident("yolo");
  const RequestId first = bench.infer("yolo");
  const RequestId second = bench.infer("yolo");
  EXPECT_TRUE(bench.broker.cancel(second));
  bench.inferred("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(first));
  EXPECT_EQ(bench.error(second), ErrorCode::kCancelled);
}

TEST(Cancel, A_running_generation_is_aborted_and_keeps_its_model_until_the_lane_answers) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  const RequestId id = bench.infer("llm");
  const JobId job = bench.job("infer llm");
  bench.broker.event(job, {});
  EXPECT_EQ(bench.replies.events, std::vector{id});
  EXPECT_TRUE(bench.broker.cancel(id));
  EXPECT_EQ(bench.lanes.log.back(), "abort " + std::to_string(job));
  EXPECT_EQ(bench.error(id), ErrorCode::kCancelled);
  EXPECT_TRUE(bench.status("llm")->busy);
  EXPECT_FALSE(bench.broker.idle());
  const RequestId unload = bench.unload("llm");
  EXPECT_FALSE(bench.done(unload));
  bench.broker.event(job, {});
  EXPECT_EQ(bench.replies.events, std::vector{id}) << "nobody listens any more";
  bench.inferred("llm");
  bench.unloaded("llm");
  EXPECT_TRUE(bench.ok(unload));
}

TEST(Cancel, The_memory_of_a_cancelled_request_lives_until_the_lane_answers) {
  Bench bench;
  bench.resident("yolo");
  Request request{1, "client", RequestKind::kInfer, bench.models["yolo"]};
  const std::weak_ptr<InferWork> work = request.work = std::make_shared<InferWork>();
  const RequestId id = *bench.broker.submit(std::move(request));
  bench.broker.cancel(id);
  EXPECT_FALSE(work.expired());
  bench.inferred("yolo");
  EXPECT_TRUE(work.expired());
}

TEST(Cancel, After_output_was_produced_too) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  const RequestId id = bench.infer("llm");
  bench.broker.event(bench.job("infer llm"), {});
  EXPECT_TRUE(bench.broker.cancel(id));
  EXPECT_EQ(bench.error(id), ErrorCode::kCancelled);
}

TEST(Cancel, After_completion_there_is_nothing_to_cancel) {
  Bench bench;
  bench.resident("yolo");
  const RequestId id = bench.infer("yolo");
  bench.inferred("yolo");
  EXPECT_FALSE(bench.broker.cancel(id));
  EXPECT_FALSE(bench.broker.cancel(12345));
  EXPECT_TRUE(bench.ok(id));
}

TEST(Cancel, A_load_that_nobody_waits_for_is_not_begun) {
  Bench bench({.min_residency = 0s, .memory_bytes = 100});
  bench.model("llm", Lane::kGeneration, 80);
  bench.model("vision", Lane::kVision, 40);
  bench.resident("llm");
  bench.infer("llm");
  const RequestId id = bench.load("vision");
  bench.up();
  bench.broker.cancel(id);
  bench.inferred("llm");
  EXPECT_EQ(bench.lanes.count("load vision"), 0u);
  EXPECT_TRUE(bench.is_resident("llm"));
}

TEST(Cancel, A_waiting_unload_leaves_the_model_usable) {
  Bench bench;
  bench.resident("yolo");
  bench.infer("yolo");
  const RequestId unload = bench.unload("yolo");
  const RequestId after = bench.infer("yolo");
  bench.broker.cancel(unload);
  bench.inferred("yolo");
  bench.inferred("yolo");
  EXPECT_TRUE(bench.ok(after));
  EXPECT_TRUE(bench.is_resident("yolo"));
}

TEST(Deadline, A_request_that_is_too_late_never_reaches_the_device) {
  Bench bench;
  const RequestId id = bench.infer("yolo", {.timeout = 100ms});
  bench.advance(99ms);
  EXPECT_FALSE(bench.done(id));
  bench.advance(1ms);
  EXPECT_EQ(bench.error(id), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(bench.outcome(id).queued, 100ms);
  bench.up();
  EXPECT_EQ(bench.lanes.count("load yolo"), 0u);
}

TEST(Deadline, A_request_that_arrives_too_late_is_refused) {
  Bench bench;
  EXPECT_EQ(bench.submit(RequestKind::kInfer, "yolo", {.timeout = 0s}).error().code,
            ErrorCode::kDeadlineExceeded);
}

TEST(Deadline, A_running_request_ends_at_its_deadline_and_the_lane_is_told) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  const RequestId id = bench.infer("llm", {.timeout = 1s});
  const JobId job = bench.job("infer llm");
  bench.advance(1s);
  EXPECT_EQ(bench.error(id), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(bench.outcome(id).running, 1s);
  EXPECT_EQ(bench.lanes.log.back(), "abort " + std::to_string(job));
  bench.broker.event(job, {});
  EXPECT_TRUE(bench.replies.events.empty());
  bench.inferred("llm");
  EXPECT_TRUE(bench.broker.idle());
}

// After three runs of 100 ms a request with less time than that is not begun.
struct Measured : Bench {
  explicit Measured(Lane lane = Lane::kVision) : Bench({.max_in_flight_per_lane = 2}) {
    model("m", lane);
    resident("m");
    for (int i = 0; i < 3; ++i) run(100ms);
  }
  void run(Duration time) {
    infer("m");
    advance(time);
    inferred("m");
  }
};

TEST(Deadline, A_request_that_cannot_be_answered_in_time_any_more_is_not_begun) {
  Measured bench;
  const RequestId hopeless = bench.infer("m", {.timeout = 99ms});
  EXPECT_EQ(bench.error(hopeless), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(bench.job("infer m"), 0u);
  bench.infer("m", {.timeout = 101ms});
  EXPECT_NE(bench.job("infer m"), 0u);
}

TEST(Deadline, The_rest_of_the_job_that_runs_is_part_of_the_estimate) {
  Measured bench;
  bench.infer("m");
  bench.advance(60ms);
  const RequestId hopeless = bench.infer("m", {.timeout = 139ms});
  EXPECT_EQ(bench.error(hopeless), ErrorCode::kDeadlineExceeded);
  const RequestId behind = bench.infer("m", {.timeout = 141ms});
  EXPECT_FALSE(bench.done(behind));
  EXPECT_EQ(bench.broker.snapshot().running, 2u);
}

TEST(Deadline, An_estimate_that_is_wrong_does_not_keep_requests_away_for_ever) {
  Measured bench;
  int refused = 0;
  while (bench.job("infer m") == 0 && refused < 1000) {
    bench.infer("m", {.timeout = 50ms});
    ++refused;
  }
  EXPECT_GT(refused, 5);
  EXPECT_LT(refused, 100);
}

TEST(Deadline, A_generation_is_begun_however_little_time_it_has) {
  Measured bench(Lane::kGeneration);
  bench.infer("m", {.timeout = 10ms});
  EXPECT_NE(bench.job("infer m"), 0u);
}

TEST(Deadline, A_waiting_unload_has_one_too) {
  Bench bench;
  bench.resident("yolo");
  bench.infer("yolo");
  const RequestId unload = bench.unload("yolo", {.timeout = 1s});
  bench.advance(1s);
  EXPECT_EQ(bench.error(unload), ErrorCode::kDeadlineExceeded);
  bench.inferred("yolo");
  EXPECT_TRUE(bench.is_resident("yolo"));
}

TEST(Connection, Its_end_drops_everything_it_asked_for_and_delivers_nothing) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  const std::size_t before = bench.replies.order.size();
  bench.infer("llm", {.connection = 7});
  bench.infer("llm", {.connection = 7});
  bench.load("llm", {.connection = 7});
  bench.infer("yolo", {.connection = 7});
  const RequestId other = bench.infer("llm", {.connection = 8});
  const JobId running = bench.job("infer llm");
  bench.broker.connection_gone(7);
  EXPECT_EQ(bench.lanes.log.back(), "abort " + std::to_string(running));
  EXPECT_EQ(bench.broker.snapshot().queued, 1u);
  bench.inferred("llm");
  bench.inferred("llm");
  bench.tick();
  EXPECT_EQ(bench.replies.order.size(), before + 1);
  EXPECT_TRUE(bench.ok(other));
  EXPECT_TRUE(bench.broker.idle());
}

}  // namespace
}  // namespace npu::broker::test
