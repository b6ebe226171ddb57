#include "manager/administrators.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::manager {
namespace {

constexpr uid_t kNobody = 4'000'000'001;

class AdministratorsTest : public testing::Test {
 protected:
  static bool contains(std::vector<std::string> names, uid_t user, gid_t group = kNobody) {
    return Administrators(names).contains({.uid = user, .gid = group}, -1);
  }
};

TEST_F(AdministratorsTest, Root_and_the_managers_own_user_are_some_without_a_word) {
  EXPECT_TRUE(contains({}, 0));
  EXPECT_TRUE(contains({}, ::geteuid()));
  EXPECT_FALSE(contains({}, kNobody));
}

TEST_F(AdministratorsTest, Users_and_groups_are_named_or_numbered) {
  EXPECT_TRUE(contains({"4000000001"}, kNobody));
  EXPECT_FALSE(contains({"4000000001"}, kNobody - 1, kNobody)) << "a group is no user";
  EXPECT_TRUE(contains({"group:4000000002"}, kNobody, kNobody + 1));
  EXPECT_TRUE(contains({"group:root"}, kNobody, 0));
  EXPECT_FALSE(contains({"group:root"}, kNobody));
}

TEST_F(AdministratorsTest, A_name_that_is_nobodys_makes_nobody_one) {
  for (const char* name : {"no-such-user", "group:no-such-group", "", "group:", "-1"}) {
    EXPECT_FALSE(contains({name}, kNobody, kNobody)) << name;
  }
}

TEST_F(AdministratorsTest, Any_of_the_groups_of_a_peer_counts) {
  const auto ends = unix_pair();
  ASSERT_TRUE(ends);
  std::vector<gid_t> own(1024);
  const int count = ::getgroups(static_cast<int>(own.size()), own.data());
  if (count <= 0) GTEST_SKIP() << "this process has no supplementary group";
  const std::vector<std::string> names{"group:" + std::to_string(own.front())};
  EXPECT_TRUE(Administrators(names).contains({.uid = kNobody, .gid = kNobody}, ends->first.get()));
}

}  // namespace
}  // namespace npu::manager
