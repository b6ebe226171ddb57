#include "families/support/tensor_check.hpp"

#include <gtest/gtest.h>

namespace npu::families {
namespace {

TEST(TensorCheck, Only_a_leading_one_may_differ) {
  EXPECT_TRUE(same_but_for_leading_one({2, 3}, {2, 3}));
  EXPECT_TRUE(same_but_for_leading_one({1, 2, 3}, {2, 3}));
  EXPECT_TRUE(same_but_for_leading_one({2, 3}, {1, 2, 3}));
  EXPECT_FALSE(same_but_for_leading_one({2, 3}, {3, 2}));
  EXPECT_FALSE(same_but_for_leading_one({2, 3}, {2, 3, 1}));
  EXPECT_FALSE(same_but_for_leading_one({2, 3}, {1, 1, 2, 3}));
  EXPECT_FALSE(same_but_for_leading_one({2, 3}, {2, 2, 3}));
}

TEST(TensorCheck, A_scalar_keeps_its_shape) {
  EXPECT_EQ(without_leading_one({}), Shape{});
  EXPECT_EQ(without_leading_one({1}), Shape{1});
  EXPECT_EQ(without_leading_one({1, 5}), Shape{5});
  EXPECT_EQ(without_leading_one({2, 5}), (Shape{2, 5}));
}

TEST(TensorCheck, The_message_says_what_is_wanted_and_what_came) {
  const auto wrong =
      check_tensor("input", DType::kUint8, {256, 320, 3}, {DType::kFloat32, {1, 3, 256, 320}, {}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(wrong.error().message,
            "input must be uint8 (256, 320, 3), got float32 (1, 3, 256, 320)");
}

}  // namespace
}  // namespace npu::families
