#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

using DoctorHardware = MadeUp;

TEST_F(DoctorHardware, Without_a_chip_there_is_a_warning_and_no_error) {
  const auto findings = check_chips(machine_);
  EXPECT_EQ(find(findings, "chip").level, Level::kWarning);
  EXPECT_NE(find(findings, "chip").advice.find("models run on the CPU"), std::string::npos);
  EXPECT_TRUE(check_drivers(machine_).empty());
}

TEST_F(DoctorHardware, A_chip_that_is_not_on_the_bus_is_seen_by_its_node) {
  hardware(R"({"nodes": [{"class": "hailo1x", "path": "/dev/h1x-0"}]})");
  EXPECT_TRUE(check_chips(machine_).empty());
}

TEST_F(DoctorHardware, Without_the_probe_that_is_the_finding) {
  machine_.hardware = fail(ErrorCode::kUnavailable, "hailo-device-probe is missing");
  EXPECT_EQ(find(check_probe(machine_), "probe").level, Level::kError);
  EXPECT_TRUE(check_chips(machine_).empty());
  EXPECT_TRUE(check_versions(machine_).empty());
  healthy();
  EXPECT_TRUE(check_probe(machine_).empty());
}

TEST_F(DoctorHardware, The_module_must_be_the_chips) {
  const struct {
    const char* device;
    const char* bound;
    const char* modules;
    Level level;
    const char* says;
    const char* advice;
  } kCases[] = {
      {"0x45c4", "hailo1x", R"({"module": "hailo1x_pci"})", Level::kGood, "bound to the Hailo-10H",
       ""},
      {"0x2864", "hailo", R"({"module": "hailo_pci"})", Level::kGood, "bound to the Hailo-8", ""},
      {"0x45c4", "hailo1x", R"({"module": "hailo_pci"}, {"module": "hailo1x_pci"})", Level::kGood,
       "bound", ""},
      {"0x45c4", "", R"({"module": "hailo_pci"})", Level::kError,
       "is a Hailo-10H, and the kernel module hailo_pci is for Hailo-8", "hailo-h10-all"},
      {"0x45c4", "hailo", R"({"module": "hailo_pci"})", Level::kError, "is a Hailo-10H, and",
       "exclude each other"},
      {"0x2864", "", R"({"module": "hailo1x_pci"})", Level::kError, "is a Hailo-8, and",
       "apt install hailo-all"},
      {"0x45c4", "", R"({"module": "hailo1x_pci"})", Level::kError, "did not take the", "dmesg"},
      {"0x45c4", "", "", Level::kError, "no kernel module", "modprobe hailo1x_pci"},
      {"0x2864", "", "", Level::kError, "no kernel module", "modprobe hailo_pci"},
      {"0x9999", "", "", Level::kError, "unknown Hailo chip", "modprobe hailo1x_pci"},
  };
  for (const auto& one : kCases) {
    hardware(std::string(R"({"pci": [{"address": "01:00.0", "device": ")") + one.device +
             R"(", "driver": ")" + one.bound + R"("}], "drivers": [)" + one.modules + "]}");
    const auto findings = check_drivers(machine_);
    const auto finding = find(findings, "driver.family", one.says);
    EXPECT_EQ(finding.level, one.level) << one.says;
    EXPECT_NE(finding.advice.find(one.advice), std::string::npos) << finding.advice;
    EXPECT_TRUE(advises(findings));
  }
}

TEST_F(DoctorHardware, A_slow_link_is_a_warning) {
  healthy();
  EXPECT_FALSE(has(check_chips(machine_), "pcie.link"));  // where /sys does not say
  const std::string folder = "/sys/bus/pci/devices/0001:01:00.0/";
  write(folder + "current_link_width", "1\n");
  write(folder + "current_link_speed", "8.0 GT/s PCIe\n");
  EXPECT_EQ(find(check_chips(machine_), "pcie.link", "8.0 GT/s PCIe, 1 lane").level, Level::kGood);
  write(folder + "current_link_speed", "5.0 GT/s PCIe\n");
  EXPECT_EQ(find(check_chips(machine_), "pcie.link").level, Level::kWarning);
  EXPECT_NE(find(check_chips(machine_), "pcie.link").advice.find("pciex1_gen=3"),
            std::string::npos);
  write(folder + "current_link_speed", "Unknown\n");
  EXPECT_FALSE(has(check_chips(machine_), "pcie.link"));
}

TEST_F(DoctorHardware, All_is_well_with_a_healthy_machine_but_the_manager_that_is_not_there) {
  healthy();
  const auto findings = examine(machine_, {.hardware = [](Machine&) {}, .device = [](Machine&) {}},
                                [](const Finding&) {});
  for (const auto& one : findings) {
    const bool of_manager = one.check == "socket" || one.check == "manager";
    EXPECT_EQ(one.level == Level::kError, of_manager) << one.what;
  }
  EXPECT_EQ(exit_code_of(findings), 1);
  EXPECT_TRUE(advises(findings));
}

}  // namespace
}  // namespace npu::cli
