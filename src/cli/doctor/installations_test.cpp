#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

class DoctorInstallations : public MadeUp {};

TEST_F(DoctorInstallations, One_installation_is_no_finding) {
  EXPECT_TRUE(check_installations(machine_).empty());
  write("/usr/bin/hailo-pose", "", 0755);
  write("/usr/local/bin/hailo-clip", "", 0755);  // the only one
  write("/opt/hailo-apps/README.md", "");        // the vendor's
  EXPECT_TRUE(check_installations(machine_).empty());
}

TEST_F(DoctorInstallations, A_program_in_two_places_is_a_warning) {
  for (const char* folder : {"/usr/bin/", "/usr/local/bin/"}) {
    write(folder + std::string("hailo-pose"), "", 0755);
    write(folder + std::string("hailoctl"), "", 0755);
  }
  const auto findings = check_installations(machine_);
  const auto finding = find(findings, "installation", "/usr/local/bin/hailo-pose");
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_NE(finding.what.find("/usr/local/bin/hailoctl"), std::string::npos);
  EXPECT_TRUE(advises(findings));
}

TEST_F(DoctorInstallations, The_python_project_is_recognised_by_its_programs) {
  write("/opt/hailo-pose/hailo_pose_service.py", "");
  write("/opt/hailo-device-manager/hailo_device_manager.py", "");
  const auto findings = check_installations(machine_);
  const auto finding = find(findings, "installation.python");
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_NE(finding.what.find("/opt/hailo-device-manager/hailo_device_manager.py, "
                              "/opt/hailo-pose/hailo_pose_service.py"),
            std::string::npos);
  EXPECT_NE(finding.advice.find("hailoctl migrate"), std::string::npos);
}

}  // namespace
}  // namespace npu::cli
