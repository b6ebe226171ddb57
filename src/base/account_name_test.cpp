#include "base/account_name.hpp"

#include <gtest/gtest.h>

namespace npu {
namespace {

TEST(AccountName, Root_has_a_name_and_whoever_has_none_his_number) {
  EXPECT_EQ(user_name(0), "root");
  EXPECT_EQ(group_name(0), "root");
  EXPECT_EQ(user_name(4'000'000'001), "4000000001");
  EXPECT_EQ(group_name(4'000'000'001), "4000000001");
}

}  // namespace
}  // namespace npu
