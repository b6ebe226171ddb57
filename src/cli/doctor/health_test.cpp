#include "cli/doctor/doctor_test_support.hpp"

#include <fmt/format.h>

namespace npu::cli {
namespace {

using DoctorHealth = MadeUp;

TEST_F(DoctorHealth, Without_a_chip_nothing_is_asked) {
  EXPECT_TRUE(check_health(machine_).empty());
  EXPECT_TRUE(check_memory(machine_).empty());
}

TEST_F(DoctorHealth, The_temperature_is_told_and_not_judged) {
  healthy();
  scan(R"({"devices": [{"id": "x", "architecture": "HAILO10H", "temperature_celsius": 101.4}]})");
  const auto findings = check_health(machine_);
  EXPECT_EQ(find(findings, "temperature", "101 degrees").level, Level::kGood);
  EXPECT_EQ(find(findings, "device").what, "HAILO10H x answers");
  EXPECT_TRUE(advises(findings));
  scan(R"({"devices": [{"id": "x", "architecture": "HAILO10H"}]})");
  EXPECT_FALSE(has(check_health(machine_), "temperature"));
}

TEST_F(DoctorHealth, A_node_that_one_may_not_open_is_no_lost_device) {
  healthy();
  const std::string error =
      R"("error": {"code": "device_lost", "message": "HAILO_DRIVER_OPERATION_FAILED", "status": 36})";
  for (const auto& text : {fmt::format(R"({{"devices": [], {}}})", error),
                           fmt::format(R"({{"devices": [{{"id": "x", {}}}]}})", error)}) {
    scan(text);
    EXPECT_EQ(find(check_health(machine_), "device", "HAILO_DRIVER_OPERATION_FAILED").level,
              Level::kError);
  }
  if (::geteuid() == 0) GTEST_SKIP() << "root may open everything";
  write("/dev/hailo0", "", 0);
  const auto finding = find(check_health(machine_), "device", "you may not open /dev/hailo0");
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_NE(finding.advice.find("sudo hailoctl doctor"), std::string::npos);
}

TEST_F(DoctorHealth, A_device_that_refuses_is_told_with_what_to_do) {
  const struct {
    const char* code;
    const char* advice;
  } kCases[] = {{"busy", "group id"},
                {"version_mismatch", "one version"},
                {"unavailable", "some seconds"},
                {"internal", "dmesg"}};
  for (const auto& one : kCases) {
    healthy();
    const std::string error =
        fmt::format(R"("error": {{"code": "{}", "message": "HAILO_X 74"}})", one.code);
    for (const auto& text : {fmt::format(R"({{"devices": [], {}}})", error),
                             fmt::format(R"({{"devices": [{{"id": "x", {}}}]}})", error)}) {
      scan(text);
      const auto finding = find(check_health(machine_), "device", "HAILO_X 74");
      EXPECT_EQ(finding.level, Level::kError);
      EXPECT_NE(finding.advice.find(one.advice), std::string::npos) << finding.advice;
    }
  }
}

TEST_F(DoctorHealth, A_device_that_hangs_is_an_error_of_its_own) {
  healthy();
  machine_.scan = fail(ErrorCode::kDeadlineExceeded, "no answer within 60 s");
  const auto finding = find(check_health(machine_), "device", "no answer within 60 s");
  EXPECT_EQ(finding.level, Level::kError);
  EXPECT_NE(finding.advice.find("power off and on"), std::string::npos);
}

TEST_F(DoctorHealth, A_chip_that_HailoRT_does_not_find_is_an_error) {
  healthy();
  scan(R"({"devices": []})");
  EXPECT_EQ(find(check_health(machine_), "device", "finds no device").level, Level::kError);
  machine_.scan = fail(ErrorCode::kUnsupported, "no adapter");
  EXPECT_TRUE(check_health(machine_).empty());  // is said elsewhere
}

TEST_F(DoctorHealth, Contiguous_memory_matters_on_a_Raspberry_Pi) {
  healthy();
  write("/proc/meminfo", "MemTotal: 8000000 kB\nCmaTotal:       0 kB\nCmaFree: 0 kB\n");
  EXPECT_TRUE(check_memory(machine_).empty());
  write("/proc/device-tree/model", std::string("Raspberry Pi 5 Model B Rev 1.0\0", 31));
  const struct {
    const char* line;
    Level level;
    const char* says;
  } kCases[] = {
      {"CmaTotal:       0 kB", Level::kError, "CmaTotal is 0"},
      {"Nothing: 1 kB", Level::kError, "CmaTotal is 0"},
      {"CmaTotal:   65536 kB", Level::kGood, "64 MB"},
      {"CmaTotal:  524288 kB", Level::kGood, "512 MB"},
      // Little of it free is no fault: cached pages lie there and move.
      {"CmaTotal:  524288 kB\nCmaFree: 12 kB", Level::kGood, "512 MB"},
  };
  for (const auto& one : kCases) {
    write("/proc/meminfo", std::string("MemTotal: 8000000 kB\n") + one.line + "\n");
    const auto findings = check_memory(machine_);
    EXPECT_EQ(find(findings, "cma", one.says).level, one.level) << one.line;
    if (one.level != Level::kGood) {
      EXPECT_NE(findings[0].advice.find("dtoverlay=cma,cma-512"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace npu::cli
