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

TEST(AccountName, A_name_and_a_number_lead_to_the_number) {
  EXPECT_EQ(user_id("root"), 0U);
  EXPECT_EQ(group_id("root"), 0U);
  EXPECT_EQ(user_id("4000000001"), 4'000'000'001U);
  for (const char* none : {"", "no-such-name", "4294967295", "4294967296", "1x", "-1"}) {
    EXPECT_EQ(user_id(none), std::nullopt) << none;
    EXPECT_EQ(group_id(none), std::nullopt) << none;
  }
}

TEST(AccountName, A_user_has_a_group_of_his_own) {
  EXPECT_EQ(primary_group("root"), 0U);
  EXPECT_EQ(primary_group("no-such-name"), std::nullopt);
}

}  // namespace
}  // namespace npu
