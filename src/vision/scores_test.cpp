#include "vision/scores.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace npu::vision {
namespace {

constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
// About one block, and about two.
constexpr std::size_t kCounts[] = {1, 255, 256, 257, 511, 512, 513, 700};

TEST(Scores, The_next_that_reaches_the_threshold_is_found_wherever_it_lies) {
  for (const std::size_t count : kCounts) {
    std::vector<float> values(count, kNoNumber);
    EXPECT_EQ(next_reaching(values, 0, 0.5F), count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = 0.5F;
      EXPECT_EQ(next_reaching(values, 0, 0.5F), i);
      EXPECT_EQ(next_reaching(values, i, 0.5F), i);
      EXPECT_EQ(next_reaching(values, i + 1, 0.5F), count);
      values[i] = 0.49F;
    }
  }
}

TEST(Scores, One_that_is_no_probability_makes_all_logits) {
  for (const std::size_t count : kCounts) {
    std::vector<float> values(count, 0.5F);
    EXPECT_FALSE(are_logits(values));
    for (const std::size_t i : {std::size_t{0}, count / 2, count - 1}) {
      for (const float logit : {-1.F, 2.F}) {
        values[i] = logit;
        EXPECT_TRUE(are_logits(values)) << count << " " << i;
      }
      values[i] = 0.5F;
    }
  }
}

TEST(Scores, Probabilities_may_lie_a_quantisation_step_outside) {
  EXPECT_FALSE(are_logits(std::vector<float>{-0.004F, 1.004F, kNoNumber}));
}

TEST(Scores, What_is_no_number_is_greater_than_nothing) {
  std::vector<float> most{1, 2, -kInfinity, 3};
  raise(most.data(), std::vector<float>{2, 1, kNoNumber, kNoNumber}.data(), most.size());
  EXPECT_EQ(most, (std::vector<float>{2, 2, -kInfinity, 3}));
  EXPECT_EQ(best_of(std::vector<float>{kNoNumber, 1, kNoNumber, 3, 2}), 3);
  EXPECT_EQ(best_of(std::vector<float>{kNoNumber, kNoNumber}), 0);
}

TEST(Scores, A_threshold_means_the_same_for_logits) {
  for (const float threshold : {0.01F, 0.4F, 0.5F, 0.99F}) {
    EXPECT_NEAR(sigmoid(Scores::of(true, threshold).least), threshold, 1e-6);
  }
  EXPECT_EQ(Scores::of(true, 0).least, -kInfinity);
  EXPECT_EQ(Scores::of(true, 1).least, kInfinity);
}

}  // namespace
}  // namespace npu::vision
