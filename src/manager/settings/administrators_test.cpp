#include "manager/settings/administrators.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::manager {
namespace {

constexpr uid_t kNobody = 4'000'000'001;

TEST(Administrators, Are_root_and_the_managers_own_user_and_who_is_named) {
  const std::vector<std::string> names{"4000000002"};
  const auto administers = [&](uid_t user) {
    return Administrators(names).contains({.uid = user, .gid = kNobody}, -1);
  };
  EXPECT_TRUE(administers(0));
  EXPECT_TRUE(administers(::geteuid()));
  EXPECT_TRUE(administers(kNobody + 1));
  EXPECT_FALSE(administers(kNobody));
}

}  // namespace
}  // namespace npu::manager
