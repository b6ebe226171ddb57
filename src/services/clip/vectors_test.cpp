#include "services/clip/vectors.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::clip {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::IsEmpty;

const Vector kPicture{1, 0};
// Of cosines 0.6, -1, 0.8, 0.8.
const std::vector<Vector> kPrompts{{3, 4}, {-2, 0}, {4, 3}, {4, -3}};

std::vector<std::size_t> prompts_of(const std::vector<Score>& scores) {
  std::vector<std::size_t> prompts(scores.size());
  std::ranges::transform(scores, prompts.begin(), &Score::prompt);
  return prompts;
}

TEST(Vectors, A_vector_of_length_one) {
  Vector vector{3, -4};
  normalise(vector);
  EXPECT_THAT(vector, ElementsAre(FloatNear(0.6F, 1e-7F), FloatNear(-0.8F, 1e-7F)));
  Vector zeros(3);
  normalise(zeros);
  EXPECT_EQ(zeros, Vector(3));
}

TEST(Vectors, The_mean_is_that_of_directions) {
  const std::vector<Vector> both{{1, 0}, {0, 1}};
  const auto side = static_cast<float>(std::sqrt(0.5));
  EXPECT_THAT(mean_of(both), ElementsAre(FloatNear(side, 1e-6F), FloatNear(side, 1e-6F)));
}

TEST(Rank, Several_prompts_share_one) {
  const auto scores = rank(kPicture, kPrompts, {.logit_scale = 10, .top_k = 4});
  EXPECT_THAT(prompts_of(scores), ElementsAre(2, 3, 0, 1)) << "of equals the earlier one first";
  // exp(10 * (0.6 - 0.8)) and exp(10 * (-1 - 0.8)) beside two of 1.
  const double sum = 2 + std::exp(-2.0) + std::exp(-18.0);
  EXPECT_NEAR(scores[0].score, 1 / sum, 1e-7);
  EXPECT_NEAR(scores[2].score, std::exp(-2.0) / sum, 1e-7);
  EXPECT_NEAR(scores[3].score, std::exp(-18.0) / sum, 1e-12);
}

TEST(Rank, One_prompt_has_its_cosine_and_a_negative_one_is_under_the_threshold) {
  const std::vector<Vector> near{kPrompts[0]};
  const std::vector<Vector> far{kPrompts[1]};
  EXPECT_NEAR(rank(kPicture, near, {}).at(0).score, 0.6, 1e-7);
  EXPECT_THAT(rank(kPicture, far, {}), IsEmpty());
  EXPECT_NEAR(rank(kPicture, far, {.threshold = -1}).at(0).score, -1, 1e-7);
  EXPECT_EQ(rank(kPicture, far, {.mode = ScoreMode::kSoftmax}).at(0).score, 1);
}

TEST(Rank, Cosines_where_they_are_wanted) {
  const auto scores = rank(kPicture, kPrompts, {.mode = ScoreMode::kCosine, .threshold = 0.7});
  EXPECT_THAT(prompts_of(scores), ElementsAre(2, 3));
  EXPECT_NEAR(scores[1].score, 0.8, 1e-7);
}

TEST(Rank, No_more_than_are_wanted) {
  EXPECT_THAT(prompts_of(rank(kPicture, kPrompts, {.top_k = 1})), ElementsAre(2));
  EXPECT_THAT(rank(kPicture, kPrompts, {.top_k = 0}), IsEmpty());
  EXPECT_THAT(rank(kPicture, {}, {.mode = ScoreMode::kSoftmax}), IsEmpty());
}

TEST(Rank, What_is_no_number_is_not_kept) {
  const std::vector<Vector> bad{{std::nanf(""), 0}};
  EXPECT_THAT(rank(kPicture, bad, {.mode = ScoreMode::kCosine, .threshold = -1}), IsEmpty());
}

}  // namespace
}  // namespace npu::clip
