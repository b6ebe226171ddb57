#include "device/hailort/machine/node_access.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "device/hailort/machine/machine_test_support.hpp"

namespace npu::device::hailort {
namespace {

constexpr uid_t kNobody = 65534;

class NodeAccess : public MachineFixture {
 protected:
  void SetUp() override {
    write("sys/class/hailo1x/h1x-0/uevent", "DEVNAME=h1x-0\n");
    ::chmod(std::filesystem::path(roots().dev).parent_path().c_str(), 0755);
  }

  // As somebody who may not do what only root may.
  std::string trouble_of_user() {
    const bool root = ::geteuid() == 0;
    if (root && ::seteuid(kNobody) != 0) return "no other user";
    std::string trouble = node_trouble(roots());
    if (root && ::seteuid(0) != 0) std::abort();
    return trouble;
  }
};

TEST_F(NodeAccess, A_node_that_is_absent_is_named) {
  EXPECT_NE(node_trouble(roots()).find("its node /dev/h1x-0 is absent"), std::string::npos)
      << node_trouble(roots());
}

TEST_F(NodeAccess, A_node_that_the_user_may_not_open_is_named_with_its_owner_and_what_to_do) {
  write("dev/h1x-0", "");
  const std::string node = roots().dev + "/h1x-0";
  ::chmod(node.c_str(), 0600);
  if (::geteuid() != 0) ::chmod(node.c_str(), 0);
  const std::string trouble = trouble_of_user();
  EXPECT_NE(trouble.find("may not open /dev/h1x-0 (owner "), std::string::npos) << trouble;
  EXPECT_NE(trouble.find("hailoctl doctor"), std::string::npos) << trouble;
}

TEST_F(NodeAccess, The_group_that_opens_it_is_told) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to another group";
  write("dev/h1x-0", "");
  const std::string node = roots().dev + "/h1x-0";
  ASSERT_EQ(::chown(node.c_str(), 0, 54321), 0);
  ::chmod(node.c_str(), 0660);
  const std::string trouble = trouble_of_user();
  EXPECT_NE(trouble.find("group 54321, mode 0660); sudo usermod -aG 54321 "), std::string::npos)
      << trouble;
}

TEST_F(NodeAccess, One_that_may_be_opened_is_no_trouble) {
  write("dev/h1x-0", "");
  EXPECT_EQ(node_trouble(roots()), "");
}

}  // namespace
}  // namespace npu::device::hailort
