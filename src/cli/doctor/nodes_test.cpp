#include "cli/doctor/doctor_test_support.hpp"

#include <fmt/format.h>

namespace npu::cli {
namespace {

class DoctorNodes : public MadeUp {
 protected:
  void holder(std::string_view name) {
    healthy();
    hardware(fmt::format(R"({{"nodes": [{{"class": "hailo_chardev", "path": "/dev/hailo0"}}],
                             "holders": [{{"pid": 77, "name": "{}"}}]}})",
                         name));
  }
};

TEST_F(DoctorNodes, Without_a_chip_no_node_is_missed) {
  write("/dev/null", "");
  EXPECT_TRUE(check_nodes(machine_).empty());
}

TEST_F(DoctorNodes, A_chip_without_a_node_is_an_error) {
  hardware(R"({"pci": [{"address": "x", "device": "0x45c4", "driver": ""}]})");
  EXPECT_EQ(find(check_nodes(machine_), "node").level, Level::kError);
}

TEST_F(DoctorNodes, Both_namings_are_known) {
  for (const char* name : {"hailo0", "h1x-0"}) {
    write(std::string("/dev/") + name, "", 0660);
    EXPECT_EQ(find(check_nodes(machine_), "node", name).level, Level::kGood);
  }
  write("/dev/hailo", "");
  EXPECT_EQ(std::ranges::count(check_nodes(machine_), "node", &Finding::check), 2);
}

TEST_F(DoctorNodes, A_node_for_everybody_is_a_warning) {
  write("/dev/h1x-0", "", 0666);
  const auto findings = check_nodes(machine_);
  EXPECT_EQ(find(findings, "node").level, Level::kWarning);
  EXPECT_NE(find(findings, "node").advice.find("udev"), std::string::npos);
}

TEST_F(DoctorNodes, Nobody_is_told_to_join_the_group_of_root) {
  if (::getuid() != 0) GTEST_SKIP() << "only root makes files of root";
  write("/etc/passwd", "hailo-manager:x:65000:65000::/:/bin/false\n");
  write("/etc/group", "root:x:0:\n");
  for (const mode_t mode : {0600, 0660}) {
    write("/dev/hailo0", "", mode);
    const auto finding = find(check_nodes(machine_), "node.service", "may not open");
    EXPECT_EQ(finding.advice.find("-aG root"), std::string::npos) << finding.advice;
    EXPECT_NE(finding.advice.find("udev"), std::string::npos);
  }
}

TEST_F(DoctorNodes, A_node_that_the_kernel_has_and_dev_has_not_is_an_error) {
  hardware(R"({"nodes": [{"class": "hailo1x", "path": "/dev/h1x-0"}]})");
  EXPECT_EQ(find(check_nodes(machine_), "node", "absent").level, Level::kError);
}

TEST_F(DoctorNodes, The_service_must_be_able_to_open_it) {
  const auto me = ::getuid();
  const auto group = ::getgid();
  const struct {
    std::string passwd;
    std::string groups;
    mode_t mode;
    Level level;
    const char* says;
  } kCases[] = {
      {"", "", 0660, Level::kGood, "there is no user hailo-manager"},
      {fmt::format("hailo-manager:x:{}:1::/:/bin/false", me), "", 0600, Level::kGood, "may open"},
      {"hailo-manager:x:65000:65000::/:/bin/false", "", 0660, Level::kError, "may not open"},
      {"hailo-manager:x:65000:65000::/:/bin/false", "", 0666, Level::kGood, "may open"},
      {fmt::format("hailo-manager:x:65000:{}::/:/bin/false", group), "", 0660, Level::kGood,
       "may open"},
      {"hailo-manager:x:65000:65000::/:/bin/false",
       fmt::format("npu:x:{}:alice,hailo-manager", group), 0660, Level::kGood, "may open"},
      {"hailo-manager:x:65000:65000::/:/bin/false",
       fmt::format("npu:x:{}:alice,hailo-manager2", group), 0660, Level::kError, "may not open"},
      {"hailo-manager:x:65000:65000::/:/bin/false", fmt::format("npu:x:{}:hailo-manager", group),
       0600, Level::kError, "may not open"},
  };
  for (const auto& one : kCases) {
    write("/etc/passwd", one.passwd + "\nroot:x:0:0::/root:/bin/sh\n");
    write("/etc/group", one.groups + "\n");
    write("/dev/hailo0", "", one.mode);
    const auto findings = check_nodes(machine_);
    EXPECT_EQ(find(findings, "node.service", one.says).level, one.level)
        << one.passwd << one.groups;
    EXPECT_TRUE(advises(findings));
  }
}

TEST_F(DoctorNodes, Whoever_has_it_open_is_told) {
  holder("hailo-device-wo");
  EXPECT_EQ(find(check_holders(machine_), "holder", "belongs to the manager").level, Level::kGood);
  holder("python3");
  const auto finding = find(check_holders(machine_), "holder", "python3 (process 77)");
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_NE(finding.advice.find("SHARED"), std::string::npos);
}

TEST_F(DoctorNodes, Another_group_id_is_an_error_where_it_shows) {
  const struct {
    const char* name;
    std::string command;
    std::string environment;
    Level level;
    const char* check;
  } kCases[] = {
      {"hailo-ollama", "hailo-ollama", std::string("PATH=/\0", 7), Level::kError, "holder.group"},
      {"hailo-ollama", "hailo-ollama", "HAILO_OLLAMA_VDEVICE_GROUP_ID=mine", Level::kError,
       "holder.group"},
      {"hailo-ollama", "hailo-ollama", "HAILO_OLLAMA_VDEVICE_GROUP_ID=SHARED", Level::kWarning,
       "holder"},
      {"gst-launch-1.0", "gst-launch-1.0 hailonet vdevice-group-id=mine !", "", Level::kError,
       "holder.group"},
      {"gst-launch-1.0", "gst-launch-1.0 hailonet vdevice-group-id=SHARED !", "", Level::kWarning,
       "holder"},
      {"rpicam-hello", "rpicam-hello", "", Level::kError, "holder.group"},
  };
  for (const auto& one : kCases) {
    holder(one.name);
    write("/proc/77/cmdline", one.command);
    write("/proc/77/environ", one.environment);
    const auto findings = check_holders(machine_);
    EXPECT_EQ(find(findings, one.check, one.name).level, one.level) << one.command;
    EXPECT_TRUE(advises(findings));
  }
  machine_.group_id = "mine";
  holder("gst-launch-1.0");
  write("/proc/77/cmdline", "gst-launch-1.0 hailonet vdevice-group-id=mine");
  EXPECT_FALSE(has(check_holders(machine_), "holder.group"));
}

}  // namespace
}  // namespace npu::cli
