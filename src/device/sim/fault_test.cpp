#include "device/sim/fault.hpp"

#include <gtest/gtest.h>

#include "device/sim/profile.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device::sim {
namespace {

FaultInjector injector(FaultCounters& counters, Fault fault) {
  return FaultInjector({std::move(fault)}, counters, "");
}

TEST(Fault, Comes_after_the_calls_that_pass_and_as_often_as_it_should) {
  FaultCounters counters{};
  auto faults = injector(
      counters, {.kind = FaultKind::kError, .op = FaultOp::kInfer, .after = 2, .times = 2});
  std::string seen;
  for (int i = 0; i < 6; ++i) seen += faults.due(FaultOp::kInfer, "m") ? 'x' : '.';
  EXPECT_EQ(seen, "..xx..");
}

TEST(Fault, Without_a_bound_it_stays) {
  FaultCounters counters{};
  auto faults = injector(counters, {.op = FaultOp::kLoad, .after = 1, .times = 0});
  EXPECT_FALSE(faults.due(FaultOp::kLoad, "m"));
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(faults.due(FaultOp::kLoad, "m"));
}

TEST(Fault, Concerns_its_model_and_operation_only) {
  FaultCounters counters{};
  auto faults = injector(counters, {.op = FaultOp::kInfer, .model = "a", .times = 1});
  EXPECT_FALSE(faults.due(FaultOp::kInfer, "b"));
  EXPECT_FALSE(faults.due(FaultOp::kLoad, "a"));
  EXPECT_TRUE(faults.due(FaultOp::kInfer, "a"));
}

TEST(Fault, A_new_process_does_not_count_anew) {
  FaultCounters counters{};
  const Fault once{.kind = FaultKind::kCrash, .times = 1};
  EXPECT_TRUE(injector(counters, once).due(FaultOp::kInfer, "m"));
  EXPECT_FALSE(injector(counters, once).due(FaultOp::kInfer, "m"));
  Fault again = once;
  again.id = "second";
  EXPECT_TRUE(injector(counters, again).due(FaultOp::kInfer, "m"));
}

TEST(Fault, The_control_file_may_come_change_and_go) {
  const fakes::TempDir dir;
  const std::string path = dir.path("faults.yaml");
  FaultCounters counters{};
  FaultInjector faults({}, counters, path);
  EXPECT_FALSE(faults.due(FaultOp::kInfer, "m"));
  dir.file("faults.yaml", "faults:\n  - {op: infer, kind: device_lost, times: 0}\n");
  ASSERT_TRUE(faults.due(FaultOp::kInfer, "m"));
  EXPECT_EQ(faults.due(FaultOp::kInfer, "m")->kind, FaultKind::kDeviceLost);
  dir.file("faults.yaml",
           "faults:\n  - {op: infer, kind: slow, delay_ms: 20, times: 0, model: other}\n");
  EXPECT_FALSE(faults.due(FaultOp::kInfer, "m"));
  EXPECT_EQ(faults.due(FaultOp::kInfer, "other")->delay, std::chrono::milliseconds(20));
  std::filesystem::remove(path);
  EXPECT_FALSE(faults.due(FaultOp::kInfer, "other"));
}

TEST(Fault, A_broken_control_file_changes_nothing) {
  const fakes::TempDir dir;
  FaultCounters counters{};
  FaultInjector faults({}, counters,
                       dir.file("f", "faults:\n  - {op: infer, kind: error, times: 0}\n"));
  EXPECT_TRUE(faults.due(FaultOp::kInfer, "m"));
  dir.file("f", "faults: [ {op: dance} ]");
  EXPECT_TRUE(faults.due(FaultOp::kInfer, "m"));
  dir.file("f", "]]][");
  EXPECT_TRUE(faults.due(FaultOp::kInfer, "m"));
}

TEST(Fault, A_profile_lists_all_kinds) {
  const auto profile = parse_profile(R"(
faults:
  - {op: infer, kind: hang}
  - {op: load, kind: crash, model: m, after: 3, times: 2, id: x}
  - {op: unload, kind: slow, delay_ms: 5}
  - {op: load, kind: out_of_memory}
  - {op: telemetry, kind: device_lost}
  - {op: infer, kind: wrong_output, value: zero}
  - {op: release_group, kind: error}
)",
                                     "p");
  ASSERT_TRUE(profile) << profile.error().message;
  ASSERT_EQ(profile->faults.size(), 7U);
  EXPECT_EQ(profile->faults[1].kind, FaultKind::kCrash);
  EXPECT_EQ(profile->faults[1].model, "m");
  EXPECT_EQ(profile->faults[1].after, 3U);
  EXPECT_EQ(profile->faults[1].times, 2U);
  EXPECT_EQ(profile->faults[5].value, WrongValue::kZero);
  EXPECT_EQ(parse_profile("faults:\n  - {op: infer, kind: fire}\n", "p").error().message,
            "profile p, line 2: kind must be one of hang, crash, slow, out_of_memory, device_lost, "
            "wrong_output, error, status, restart, no_reply, spurious_timeout, got 'fire'");
}

}  // namespace
}  // namespace npu::device::sim
