#include "cli/doctor/doctor_test_support.hpp"

namespace npu::cli {
namespace {

class DoctorPackages : public MadeUp {
 protected:
  // What dpkg-query prints; it ends with 1 where a name is unknown, as here always.
  Findings check_said(const std::string& lines) const {
    write("/usr/bin/dpkg-query",
          "#!/bin/sh\ncase \"$*\" in *hailo-detect*) ;; *) exit 2;; esac\ncat <<END\n" + lines +
              "END\necho 'dpkg-query: no packages found matching libnpu' >&2\nexit 1\n",
          0755);
    return check_packages(machine_);
  }
};

TEST_F(DoctorPackages, Without_dpkg_or_packages_there_is_nothing_to_say) {
  EXPECT_TRUE(check_packages(machine_).empty());
  EXPECT_TRUE(check_said("").empty());
  EXPECT_TRUE(check_said("hailo-pose config-files 0.1.0\nhailo-clip not-installed \n").empty());
}

TEST_F(DoctorPackages, All_of_one_version_are_right) {
  const auto findings = check_said(
      "hailo-device-manager installed 0.1.0\nhailo-pose installed 0.1.0\n"
      "hailo-clip config-files 0.0.9\n");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(find(findings, "package.versions", "2 packages, all of version 0.1.0").level,
            Level::kGood);
}

TEST_F(DoctorPackages, Different_versions_are_an_error_with_which_has_what) {
  const auto findings = check_said(
      "hailo-device-manager installed 0.2.0\nhailo-pose installed 0.1.0\n"
      "hailo-clip installed 0.1.0\n");
  EXPECT_EQ(find(findings, "package.versions",
                 "0.1.0: hailo-pose hailo-clip; 0.2.0: hailo-device-manager")
                .level,
            Level::kError);
  EXPECT_TRUE(advises(findings));
}

TEST_F(DoctorPackages, One_that_is_half_installed_is_an_error) {
  for (const char* status : {"half-installed", "unpacked", "half-configured", "triggers-pending"}) {
    const auto findings =
        check_said("hailo-pose " + std::string(status) + " 0.1.0\nhailo-clip installed 0.1.0\n");
    EXPECT_EQ(find(findings, "package", status).level, Level::kError);
    EXPECT_TRUE(advises(findings));
  }
}

}  // namespace
}  // namespace npu::cli
