#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

using DoctorVersions = MadeUp;

TEST_F(DoctorVersions, Three_equal_versions_are_well) {
  healthy();
  const auto findings = check_versions(machine_);
  EXPECT_EQ(worst(findings), Level::kGood);
  EXPECT_EQ(find(findings, "versions").what, "all are version 5.2.0");
  EXPECT_EQ(find(findings, "driver.version").what, "kernel module hailo1x_pci 5.2.0");
  EXPECT_EQ(find(findings, "firmware.version").what, "firmware 5.2.0 on 0001:01:00.0");
}

TEST_F(DoctorVersions, Any_that_differs_is_an_error_that_names_all) {
  healthy();
  versions("5.2.1", "5.2.1");
  auto finding = find(check_versions(machine_), "versions");
  EXPECT_EQ(finding.level, Level::kError);
  EXPECT_EQ(finding.what,
            "versions differ: driver hailo1x_pci 5.2.0, library 5.2.1, firmware 5.2.0");
  EXPECT_NE(finding.advice.find("power"), std::string::npos);

  healthy();
  scan(R"({"devices": [{"id": "x", "firmware": "5.1.1"}]})");
  EXPECT_EQ(find(check_versions(machine_), "versions").level, Level::kError);
}

TEST_F(DoctorVersions, The_module_of_another_chip_may_have_another_version) {
  healthy();
  hardware(R"({"pci": [{"address": "x", "device": "0x45c4", "driver": "hailo1x"}],
               "drivers": [{"module": "hailo1x_pci", "version": "5.2.0"},
                           {"module": "hailo_pci", "version": "4.23.0"}]})");
  const auto findings = check_versions(machine_);
  EXPECT_EQ(find(findings, "versions").what, "all are version 5.2.0");
  EXPECT_EQ(find(findings, "driver.version", "hailo_pci 4.23.0").what,
            "kernel module hailo_pci 4.23.0, which no chip here needs");
}

TEST_F(DoctorVersions, A_firmware_that_is_not_told_is_left_out) {
  healthy();
  scan(R"({"devices": [{"id": "x", "error": {"message": "no"}}]})");
  EXPECT_EQ(find(check_versions(machine_), "versions").level, Level::kGood);
  scan(R"({"devices": [{"id": "x", "firmware": "0.0.0"}]})");
  EXPECT_EQ(find(check_versions(machine_), "versions").level, Level::kGood);
}

TEST_F(DoctorVersions, An_adapter_for_another_library_is_an_error) {
  healthy();
  versions("5.2.0", "5.3.0");
  EXPECT_EQ(find(check_versions(machine_), "library.version").level, Level::kError);
}

TEST_F(DoctorVersions, HailoRT_is_missed_only_where_there_is_a_chip) {
  machine_.versions = fail(ErrorCode::kUnsupported, "no HailoRT adapter can be used: ...");
  EXPECT_EQ(find(check_versions(machine_), "library.version").level, Level::kGood);
  healthy();
  machine_.versions = fail(ErrorCode::kUnsupported, "no HailoRT adapter can be used: ...");
  const auto findings = check_versions(machine_);
  EXPECT_EQ(find(findings, "library.version", "no HailoRT adapter").level, Level::kError);
  EXPECT_TRUE(advises(findings));
  EXPECT_EQ(find(findings, "versions").level, Level::kGood);  // driver and firmware agree
}

TEST_F(DoctorVersions, A_library_that_crashes_is_an_error) {
  machine_.versions = fail(ErrorCode::kInternal, "ended by signal 11");
  EXPECT_EQ(find(check_versions(machine_), "library.version", "signal 11").level, Level::kError);
}

}  // namespace
}  // namespace npu::cli
