#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

class DoctorServices : public MadeUp {
 protected:
  void systemctl(const std::string& script) const {
    write("/usr/bin/systemctl", "#!/bin/sh\n" + script + "\n", 0755);
  }
};

TEST_F(DoctorServices, Without_systemd_they_are_not_looked_at) {
  EXPECT_EQ(find(check_services(machine_), "service", "no systemd").level, Level::kGood);
  systemctl("echo 'System has not been booted with systemd' >&2; exit 1");
  EXPECT_EQ(find(check_services(machine_), "service", "does not run").level, Level::kGood);
}

TEST_F(DoctorServices, Each_unit_is_told_by_its_state) {
  systemctl(R"(case "$1 $*" in
list-unit-files*) cat <<END
hailo-device-manager.service disabled enabled
hailo-device-manager.socket  enabled  enabled
hailo-depth.service          enabled  enabled
hailo-clip.service           disabled enabled
END
;;
show*manager.service) echo inactive;;
show*manager.socket) echo active;;
show*depth.service) echo failed;;
show*) echo inactive;;
*) exit 1;;
esac)");
  const auto findings = check_services(machine_);
  EXPECT_EQ(findings.size(), 4U);
  EXPECT_EQ(find(findings, "service", "hailo-device-manager.service is inactive (disabled)").level,
            Level::kWarning);
  EXPECT_EQ(find(findings, "service", "hailo-device-manager.socket is active").level, Level::kGood);
  EXPECT_EQ(find(findings, "service", "hailo-depth.service has failed").level, Level::kError);
  EXPECT_EQ(find(findings, "service", "hailo-clip.service is inactive").level, Level::kGood);
  EXPECT_TRUE(advises(findings));
}

TEST_F(DoctorServices, A_manager_that_is_no_service_is_a_warning) {
  systemctl("exit 0");
  EXPECT_EQ(find(check_services(machine_), "service", "not installed").level, Level::kWarning);
}

}  // namespace
}  // namespace npu::cli
