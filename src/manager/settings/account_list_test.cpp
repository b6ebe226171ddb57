#include "manager/settings/account_list.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::manager {
namespace {

constexpr uid_t kSomebody = 4'000'000'001;

bool lists(std::vector<std::string> names, uid_t user, gid_t group = kSomebody, int socket = -1) {
  return AccountList("a.setting", names).contains({.uid = user, .gid = group}, socket);
}

TEST(AccountList, Nobody_is_in_an_empty_one_and_everybody_in_a_star) {
  EXPECT_FALSE(lists({}, 0, 0));
  EXPECT_TRUE(lists({"*"}, kSomebody));
}

TEST(AccountList, Users_and_groups_are_named_or_numbered) {
  EXPECT_TRUE(lists({"root"}, 0));
  EXPECT_TRUE(lists({"4000000001"}, kSomebody));
  EXPECT_FALSE(lists({"4000000001"}, kSomebody - 1, kSomebody)) << "a group is no user";
  EXPECT_TRUE(lists({"group:4000000002"}, kSomebody, kSomebody + 1));
  EXPECT_TRUE(lists({"group:root"}, kSomebody, 0));
  EXPECT_FALSE(lists({"group:root"}, kSomebody));
}

TEST(AccountList, A_name_that_is_nobodys_lets_nobody_in_and_is_told) {
  for (const char* name : {"no-such-user", "group:no-such-group", "", "group:", "-1", "group:*"}) {
    testing::internal::CaptureStderr();
    EXPECT_FALSE(lists({name}, kSomebody)) << name;
    EXPECT_NE(testing::internal::GetCapturedStderr().find("a.setting: there is no "),
              std::string::npos);
  }
}

TEST(AccountList, Any_of_the_groups_of_a_peer_counts) {
  const auto ends = unix_pair();
  ASSERT_TRUE(ends);
  std::vector<gid_t> own(1024);
  const int count = ::getgroups(static_cast<int>(own.size()), own.data());
  if (count <= 0) GTEST_SKIP() << "this process has no supplementary group";
  EXPECT_TRUE(
      lists({"group:" + std::to_string(own.front())}, kSomebody, kSomebody, ends->first.get()));
}

}  // namespace
}  // namespace npu::manager
