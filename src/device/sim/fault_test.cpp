#include "device/sim/fault.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
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

TEST(Fault, Counters_of_faults_that_are_over_are_used_again) {
  const fakes::TempDir dir;
  FaultCounters counters{};
  FaultInjector faults({{.op = FaultOp::kInfer, .after = 1}}, counters, dir.path("faults"));
  EXPECT_FALSE(faults.due(FaultOp::kInfer, "m"));
  for (std::size_t i = 0; i < 2 * counters.size(); ++i) {
    // Each of another size, so that it is seen to be another.
    dir.file("faults",
             fmt::format("faults: [{{op: load, kind: error, id: {:a>{}}}}]\n", "", i + 1));
    EXPECT_TRUE(faults.due(FaultOp::kLoad, "m")) << i;
    EXPECT_FALSE(faults.due(FaultOp::kLoad, "m")) << i;
  }
  // The one that was ordered all the time has not been forgotten.
  EXPECT_TRUE(faults.due(FaultOp::kInfer, "m"));
  EXPECT_FALSE(faults.due(FaultOp::kInfer, "m"));
}

TEST(Fault, More_at_once_than_can_be_counted_are_told) {
  FaultCounters counters{};
  std::vector<Fault> many(counters.size() + 1, {.op = FaultOp::kLoad});
  for (std::size_t i = 0; i < many.size(); ++i) many[i].id = std::to_string(i);
  FaultInjector faults(many, counters, "");
  testing::internal::CaptureStderr();
  EXPECT_TRUE(faults.due(FaultOp::kLoad, "m"));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("a fault never comes"), std::string::npos);
}

TEST(Fault, What_happened_is_noted_beside_the_control_file) {
  const fakes::TempDir dir;
  FaultCounters counters{};
  FaultInjector faults(
      {}, counters,
      dir.file("faults", "faults: [{op: infer, kind: device_lost, id: seven, times: 2}]\n"));
  faults.due(FaultOp::kLoad, "a");
  faults.due(FaultOp::kInfer, "a");
  faults.due(FaultOp::kInfer, "b");
  faults.due(FaultOp::kInfer, "c");
  std::stringstream noted;
  noted << std::ifstream(dir.path("faults.fired")).rdbuf();
  EXPECT_EQ(noted.str(), "device_lost infer a seven\ndevice_lost infer b seven\n");
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
            "wrong_output, error, trespass, status, restart, no_reply, spurious_timeout, "
            "restart_hang, got 'fire'");
}

}  // namespace
}  // namespace npu::device::sim
