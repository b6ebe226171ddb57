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
  raise(most.data(), std::vector<float>{2, 1, kNoNumber, kNoNumber}.data(), 4, 1, most.size());
  EXPECT_EQ(most, (std::vector<float>{2, 2, -kInfinity, 3}));
  EXPECT_EQ(best_of(std::vector<float>{kNoNumber, 1, kNoNumber, 3, 2}), 3);
  EXPECT_EQ(best_of(std::vector<float>{kNoNumber, kNoNumber}), 0);
}

// As many as are looked at together, fewer and more; whichever has the greatest.
TEST(Scores, Each_of_many_rows_may_have_the_greatest) {
  constexpr std::size_t kColumns = 3;
  constexpr std::size_t kStep = 5;
  for (std::size_t rows = 0; rows < 10; ++rows) {
    for (std::size_t best = 0; best < rows; ++best) {
      std::vector<float> values(rows * kStep, 9);  // between the columns lies what is none of them
      for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < kColumns; ++column) {
          values[row * kStep + column] = row == best ? 2 : 1;
        }
      }
      values[best * kStep + 1] = kNoNumber;
      std::vector<float> most(kColumns, 0.5F);
      raise(most.data(), values.data(), kStep, rows, std::integral_constant<std::size_t, 3>{});
      EXPECT_EQ(most, (std::vector<float>{2, rows == 1 ? 0.5F : 1, 2})) << rows << " " << best;
    }
  }
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
