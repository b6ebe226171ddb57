// Models that end their workers, as the broker sees them.
#include "broker/broker_test_support.hpp"

namespace npu::broker::test {
namespace {

// What was resident is again after a loss.
void worker_comes_back(Bench& bench, Lane lane = Lane::kVision, std::size_t runs_at_once = 1) {
  bench.advance(1s);
  bench.up(lane, runs_at_once);
  while (!bench.lanes.open.empty() && bench.lanes.open.front().text.starts_with("load ")) {
    bench.loaded(bench.lanes.open.front().text.substr(5));
  }
}

bool refused(Bench& bench, const std::string& key, RequestKind kind = RequestKind::kInfer) {
  const auto submitted = bench.submit(kind, key);
  if (submitted) bench.broker.cancel(*submitted);
  return !submitted && submitted.error().code == ErrorCode::kUnavailable &&
         submitted.error().is_whole && submitted.error().retry_after;
}

TEST(RefusedModel, One_that_kills_its_worker_twice_under_a_request_is_refused_and_told_in_status) {
  Bench bench;
  bench.resident("bad");
  const RequestId id = bench.infer("bad");
  bench.lost();
  EXPECT_TRUE(bench.broker.snapshot().refused.empty()) << "anything may happen once";
  worker_comes_back(bench);
  bench.lost();
  EXPECT_EQ(bench.error(id), ErrorCode::kDeviceLost);
  EXPECT_TRUE(refused(bench, "bad"));
  EXPECT_TRUE(refused(bench, "bad", RequestKind::kLoad));
  const auto told = bench.broker.snapshot().refused;
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].path, "/models/bad.hef");
  EXPECT_NE(told[0].reason.find("The vision worker was lost: signal 11"), std::string::npos);
  bench.advance(5s);
  EXPECT_TRUE(bench.submit(RequestKind::kInfer, "bad"));
}

TEST(RefusedModel, What_waits_for_it_is_answered_when_its_turn_comes_and_others_go_on) {
  Bench bench;
  bench.resident("bad");
  bench.resident("good");
  bench.infer("bad");
  bench.lost();
  worker_comes_back(bench);
  const RequestId behind = bench.infer("bad");
  const RequestId other = bench.infer("good");
  bench.lost();
  worker_comes_back(bench);
  EXPECT_EQ(bench.error(behind), ErrorCode::kUnavailable);
  bench.inferred("good");
  EXPECT_TRUE(bench.ok(other));
}

TEST(RefusedModel, One_that_has_run_well_is_forgiven_once) {
  Bench bench;
  bench.resident("yolo");
  bench.infer("yolo");
  bench.inferred("yolo");
  for (const bool is_refused : {false, true}) {
    bench.infer("yolo");
    bench.lost();
    worker_comes_back(bench);
    bench.lost();
    EXPECT_EQ(refused(bench, "yolo"), is_refused);
    worker_comes_back(bench);
  }
}

TEST(RefusedModel, Who_leaves_before_the_worker_dies_hides_nothing) {
  Bench bench;
  bench.resident("bad");
  for (const bool is_refused : {false, true}) {
    bench.broker.cancel(bench.infer("bad"));
    bench.lost();
    EXPECT_EQ(refused(bench, "bad"), is_refused);
    worker_comes_back(bench);
  }

  Bench other;
  for (const bool is_refused : {false, true}) {
    const RequestId load = other.load("bad");
    other.advance(1s);
    other.up();
    other.broker.cancel(load);
    other.lost();
    EXPECT_EQ(refused(other, "bad"), is_refused);
  }
}

TEST(RefusedModel, Who_leaves_before_the_repeat_hides_nothing) {
  Bench bench;
  bench.resident("bad");
  for (const bool is_refused : {false, true}) {
    bench.infer("bad", {.timeout = 500ms});
    bench.lost();
    bench.advance(500ms);
    EXPECT_EQ(refused(bench, "bad"), is_refused);
    worker_comes_back(bench);
  }

  Bench other;
  for (const bool is_refused : {false, true}) {
    const RequestId one = other.load("bad");
    const RequestId another = other.load("bad");
    other.advance(1s);
    other.up();
    other.lost();
    other.broker.cancel(one);
    other.broker.cancel(another);
    EXPECT_EQ(refused(other, "bad"), is_refused) << "one loss counts once";
  }
}

TEST(RefusedModel, A_repeat_that_succeeds_clears_it) {
  Bench bench;
  bench.resident("good");
  for (int i = 0; i < 3; ++i) {
    const RequestId id = bench.infer("good");
    bench.lost();
    worker_comes_back(bench);
    bench.inferred("good");
    EXPECT_TRUE(bench.ok(id));
  }
  Bench other;
  const RequestId id = other.load("good");
  other.up();
  other.lost();
  other.advance(1s);
  other.up();
  other.loaded("good");
  EXPECT_TRUE(other.ok(id));
  EXPECT_FALSE(refused(bench, "good") || refused(other, "good"));
}

TEST(RefusedModel, Streams_that_break_off_with_their_worker_count_without_a_repeat) {
  Bench bench;
  bench.model("llm", Lane::kGeneration);
  bench.resident("llm");
  for (const bool is_refused : {false, true}) {
    bench.infer("llm");
    bench.broker.event(bench.job("infer llm"), {});
    bench.lost(Lane::kGeneration);
    EXPECT_EQ(refused(bench, "llm"), is_refused);
    worker_comes_back(bench, Lane::kGeneration);
  }
}

TEST(RefusedModel, One_whose_time_passed_is_refused_for_as_long_as_it_held_its_worker) {
  Bench bench({.infer_watchdog = 60s});
  bench.resident("slow");
  bench.infer("slow");
  bench.advance(60s);
  bench.lost(Lane::kVision, "no answer for 60 s");
  bench.advance(59s);
  EXPECT_TRUE(refused(bench, "slow"));
  bench.advance(1s);
  EXPECT_FALSE(refused(bench, "slow"));
}

TEST(RefusedModel, A_run_that_the_worker_itself_has_ended_in_time_counts_too) {
  Bench bench;
  bench.resident("slow");
  const RequestId id = bench.infer("slow");
  bench.advance(30s);
  bench.broker.inferred(bench.take("infer slow"), fail(ErrorCode::kDeadlineExceeded, "too long"));
  EXPECT_EQ(bench.error(id), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(refused(bench, "slow"));
  EXPECT_TRUE(bench.is_resident("slow"));
}

TEST(RefusedModel, Who_leaves_before_the_worker_ends_a_run_hides_nothing) {
  for (const ErrorCode code : {ErrorCode::kDeadlineExceeded, ErrorCode::kCancelled}) {
    Bench bench;
    bench.resident("slow");
    bench.broker.cancel(bench.infer("slow"));
    bench.advance(30s);
    bench.broker.inferred(bench.take("infer slow"), fail(code, "too long"));
    EXPECT_EQ(refused(bench, "slow"), code == ErrorCode::kDeadlineExceeded);
  }
}

TEST(RefusedModel, A_load_or_run_that_takes_long_to_fail_for_good_counts) {
  for (const ErrorCode code : {ErrorCode::kUnsupported, ErrorCode::kMalformed, ErrorCode::kBusy}) {
    for (const Duration took : {900ms, 1000ms}) {
      const bool counts = took == 1s && code != ErrorCode::kBusy;
      Bench bench;
      bench.load("bad");
      bench.up();
      bench.advance(took);
      bench.load_failed("bad", code, "too much memory");
      EXPECT_EQ(refused(bench, "bad"), counts);

      Bench other;
      other.resident("bad");
      other.infer("bad");
      other.advance(took);
      other.broker.inferred(other.take("infer bad"), fail(code, "too much memory"));
      EXPECT_EQ(refused(other, "bad"), counts);
    }
  }
}

TEST(RefusedModel, A_load_that_kills_its_worker_twice_counts) {
  Bench bench;
  const RequestId id = bench.load("bad");
  bench.up();
  bench.lost();
  bench.advance(1s);
  bench.up();
  bench.lost();
  EXPECT_EQ(bench.error(id), ErrorCode::kDeviceLost);
  EXPECT_TRUE(refused(bench, "bad"));
}

TEST(RefusedModel, Of_several_that_ran_together_none_is_blamed) {
  Bench bench;
  bench.load("a");
  bench.up(Lane::kVision, 2);
  bench.loaded("a");
  bench.load("b");
  bench.loaded("b");
  for (int i = 0; i < 3; ++i) {
    bench.broker.cancel(bench.infer("a"));
    bench.broker.cancel(bench.infer("b"));
    bench.lost();
    worker_comes_back(bench, Lane::kVision, 2);
  }
  EXPECT_TRUE(bench.broker.snapshot().refused.empty());
}

TEST(RefusedModel, It_is_told_by_its_files_and_an_unload_is_always_taken) {
  Bench bench;
  bench.model("bad");
  bench.models["bad"].content = 7;
  bench.model("copy");
  bench.models["copy"].content = 7;
  bench.resident("bad");
  bench.infer("bad");
  bench.lost();
  worker_comes_back(bench);
  bench.lost();
  EXPECT_TRUE(refused(bench, "copy"));
  EXPECT_TRUE(bench.submit(RequestKind::kUnload, "bad"));
}

}  // namespace
}  // namespace npu::broker::test
