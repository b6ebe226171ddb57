#include <fmt/format.h>

#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

class DoctorServices : public MadeUp {
 protected:
  DoctorServices() { write("/etc/group", "root:x:0:\nhailo:x:990:\n"); }
  void systemctl(const std::string& script) const {
    write("/usr/bin/systemctl", "#!/bin/sh\n" + script + "\n", 0755);
  }
  // A machine with one unit, of which systemd says this beside that it is loaded and active.
  Findings check_unit(const std::string& name, const std::string& properties) const {
    systemctl(fmt::format(R"(case "$1" in
list-unit-files) echo '{0} enabled enabled';;
show) printf '%s\n' Id={0} LoadState=loaded ActiveState=active UnitFileState=enabled {1};;
esac)",
                          name, properties));
    return check_services(machine_);
  }
};

TEST_F(DoctorServices, Without_systemd_they_are_not_looked_at) {
  EXPECT_EQ(find(check_services(machine_), "service", "no systemd").level, Level::kGood);
  systemctl("echo 'System has not been booted with systemd' >&2; exit 1");
  EXPECT_EQ(find(check_services(machine_), "service", "does not run").level, Level::kGood);
}

TEST_F(DoctorServices, Each_unit_is_told_by_its_state) {
  systemctl(R"(case "$1" in
list-unit-files) cat <<END
hailo-device-manager.service disabled enabled
hailo-device-manager.socket  enabled  enabled
hailo-depth.service          enabled  enabled
hailo-clip.service           disabled enabled
END
;;
show) cat <<END
Id=hailo-device-manager.service
LoadState=loaded
ActiveState=inactive
UnitFileState=disabled

Id=hailo-device-manager.socket
LoadState=loaded
ActiveState=active
UnitFileState=enabled

Id=hailo-depth.service
LoadState=loaded
ActiveState=failed
UnitFileState=enabled
Result=oom-kill

Id=hailo-clip.service
LoadState=loaded
ActiveState=inactive
UnitFileState=disabled
END
;;
*) exit 1;;
esac)");
  const auto findings = check_services(machine_);
  EXPECT_EQ(findings.size(), 4U);
  EXPECT_EQ(find(findings, "service", "hailo-device-manager.service is inactive (disabled)").level,
            Level::kWarning);
  EXPECT_EQ(find(findings, "service", "hailo-device-manager.socket is active").level, Level::kGood);
  EXPECT_EQ(find(findings, "service", "hailo-depth.service has failed (oom-kill)").level,
            Level::kError);
  EXPECT_EQ(find(findings, "service", "hailo-clip.service is inactive").level, Level::kGood);
  EXPECT_TRUE(advises(findings));
}

TEST_F(DoctorServices, What_keeps_a_unit_from_its_work_is_told) {
  const struct {
    const char* properties;
    Level level;
    const char* says;
  } kCases[] = {
      {"LoadState=masked ActiveState=inactive FragmentPath=/etc/systemd/system/x", Level::kWarning,
       "is masked"},
      {"LoadState=bad-setting ActiveState=inactive", Level::kError, "systemd cannot read"},
      {"ActiveState=activating SubState=auto-restart NRestarts=7 Result=exit-code", Level::kError,
       "7 times until now (exit-code)"},
      {"UnitFileState=disabled", Level::kWarning, "will not start at boot"},
      {"", Level::kGood, "is active"},
  };
  for (const auto& one : kCases) {
    const auto findings = check_unit("hailo-device-manager.service", one.properties);
    EXPECT_EQ(find(findings, "service", one.says).level, one.level) << one.says;
    EXPECT_TRUE(advises(findings));
    EXPECT_EQ(findings.size(), 1U);
  }
}

TEST_F(DoctorServices, A_drop_in_of_the_administrator_is_named_and_one_of_the_package_is_not) {
  const auto findings =
      check_unit("hailo-device-manager.service",
                 "'DropInPaths=/usr/lib/systemd/system/hailo-.service.d/10-hardening.conf "
                 "/etc/systemd/system/hailo-device-manager.service.d/override.conf "
                 "/etc/systemd/system/hailo-device-manager.service.d/50-hailoctl-expose.conf'");
  const auto finding = find(findings, "service.override");
  EXPECT_EQ(finding.level, Level::kGood);
  EXPECT_EQ(finding.what,
            "hailo-device-manager.service is changed by "
            "/etc/systemd/system/hailo-device-manager.service.d/override.conf");
  EXPECT_FALSE(has(check_unit("hailo-device-manager.service", ""), "service.override"));
}

TEST_F(DoctorServices, A_unit_of_an_older_installation_that_wins_is_a_warning) {
  const auto findings =
      check_unit("hailo-device-manager.service",
                 "FragmentPath=/etc/systemd/system/hailo-device-manager.service 'ExecStart={ "
                 "path=/opt/x/venv/bin/python3 ; argv[]=/opt/x/venv/bin/python3 /opt/x/y.py ; }'");
  const auto finding = find(findings, "service.unit");
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_NE(finding.what.find("it starts /opt/x/venv/bin/python3"), std::string::npos);
  EXPECT_NE(finding.advice.find("sudo mv /etc/systemd/system/hailo-device-manager.service"),
            std::string::npos);
}

TEST_F(DoctorServices, A_missing_group_is_an_error) {
  EXPECT_FALSE(has(check_unit("hailo-device-manager.service", ""), "service.group"));
  write("/etc/group", "root:x:0:\nhailort:x:990:\n");
  const auto findings = check_unit("hailo-device-manager.service", "");
  EXPECT_EQ(find(findings, "service.group").level, Level::kError);
  EXPECT_NE(find(findings, "service.group").advice.find("systemd-sysusers"), std::string::npos);
}

TEST_F(DoctorServices, A_manager_that_is_no_service_is_a_warning) {
  systemctl("exit 0");
  EXPECT_EQ(find(check_services(machine_), "service", "not installed").level, Level::kWarning);
}

}  // namespace
}  // namespace npu::cli
