#include "device/hailort/machine/holders.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/hailort/machine/machine_test_support.hpp"

namespace npu::device::hailort {
namespace {

using testing::IsEmpty;

class HoldersTest : public MachineFixture {
 protected:
  void process(int pid, const std::string& name, const std::string& program) {
    const std::string folder = "proc/" + std::to_string(pid);
    write(folder + "/comm", name + "\n");
    link(folder + "/exe", program);
    link(folder + "/fd/0", "/dev/null");
  }
  void opened(int pid, int fd, const std::string& what) {
    link("proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd), what);
  }

  const std::vector<DeviceNode> nodes_{{"hailo1x", "/dev/h1x-0", std::nullopt}};
};

TEST_F(HoldersTest, Names_the_programs_that_have_the_node_open) {
  process(812, "hailo-ollama", "/usr/bin/hailo-ollama");
  opened(812, 7, "/dev/h1x-0");
  process(99, "python3", "/usr/bin/python3");
  opened(99, 3, "/dev/h1x-0");
  opened(99, 4, "/dev/h1x-0");
  process(100, "bash", "/usr/bin/bash");
  write("proc/version", "Linux\n");
  EXPECT_EQ(describe(holders(roots(), nodes_, 1)), "python3 (99), hailo-ollama (812)");
}

TEST_F(HoldersTest, Does_not_name_the_asking_process_or_others_of_its_program) {
  process(10, "worker vision", "/usr/libexec/hailo/hailo-device-worker");
  process(11, "worker speech", "/usr/libexec/hailo/hailo-device-worker");
  opened(10, 5, "/dev/h1x-0");
  opened(11, 5, "/dev/h1x-0");
  EXPECT_THAT(holders(roots(), nodes_, 10), IsEmpty());
}

TEST_F(HoldersTest, Another_file_of_a_similar_name_is_not_the_node) {
  process(10, "x", "/x");
  opened(10, 5, "/dev/h1x-01");
  opened(10, 6, "/home/h1x-0");
  opened(10, 7, "socket:[1234]");
  EXPECT_THAT(holders(roots(), nodes_, 1), IsEmpty());
}

TEST_F(HoldersTest, Knows_a_node_of_another_name_by_its_number) {
  struct stat info{};
  ASSERT_EQ(::stat("/dev/null", &info), 0);
  const std::vector<DeviceNode> nodes{{"hailo1x", "/dev/h1x-0", info.st_rdev}};
  process(10, "x", "/x");  // has /dev/null open
  EXPECT_EQ(describe(holders(roots(), nodes, 1)), "x (10)");
}

TEST_F(HoldersTest, A_machine_without_the_device_or_without_proc_has_none) {
  process(10, "x", "/x");
  EXPECT_THAT(holders(roots(), {}, 1), IsEmpty());
  EXPECT_THAT(holders({.sys = "/nowhere", .proc = "/nowhere"}, nodes_, 1), IsEmpty());
}

}  // namespace
}  // namespace npu::device::hailort
