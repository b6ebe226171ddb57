#include "families/embed/pooling.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace npu::families {
namespace {

std::vector<float> pooled(Pooling pooling, std::size_t counting) {
  const std::vector<float> kRows{1, 2, 3, 6, 100, 200};  // three of two
  std::vector<float> out(pooled_size(pooling, 3, 2));
  pool(pooling, kRows, 2, counting, out);
  return out;
}

TEST(Pooling, Rows_that_do_not_count_are_left_out) {
  EXPECT_EQ(pooled(Pooling::kMean, 2), (std::vector<float>{2, 4}));
  EXPECT_EQ(pooled(Pooling::kLast, 2), (std::vector<float>{3, 6}));
  EXPECT_EQ(pooled(Pooling::kLast, 3), (std::vector<float>{100, 200}));
  EXPECT_EQ(pooled(Pooling::kCls, 3), (std::vector<float>{1, 2}));
  EXPECT_EQ(pooled(Pooling::kNone, 3), (std::vector<float>{1, 2, 3, 6, 100, 200}));
}

TEST(Pooling, Has_names) {
  EXPECT_EQ(pooling_named("cls"), Pooling::kCls);
  EXPECT_FALSE(pooling_named("max"));
}

TEST(Normalise, Makes_length_1_and_leaves_zeros) {
  std::vector<float> vector{3, 4};
  normalise(vector);
  EXPECT_FLOAT_EQ(vector[0], 0.6F);
  EXPECT_FLOAT_EQ(vector[1], 0.8F);
  std::vector<float> zeros{0, 0};
  normalise(zeros);
  EXPECT_EQ(zeros, (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace npu::families
