#include "services/face/store/embedding_index.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace npu::face {
namespace {

std::vector<float> random_vector(std::mt19937& random, std::size_t dimension) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimension);
  for (float& value : vector) value = normal(random);
  EXPECT_TRUE(normalise(vector));
  return vector;
}

// The oracle: cosines in double precision, one pair at a time.
double plain_cosine(std::span<const float> a, std::span<const float> b) {
  double both = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return both / std::sqrt(aa * bb);
}

TEST(EmbeddingIndex, The_nearest_is_the_one_that_plain_cosines_say) {
  std::mt19937 random(1);
  for (const std::size_t dimension : {1U, 31U, 32U, 128U, 500U, 512U}) {
    EmbeddingIndex index(dimension);
    std::vector<std::vector<float>> all;
    for (std::int64_t i = 0; i < 50; ++i) {
      all.push_back(random_vector(random, dimension));
      index.add(i + 1, 100 + i, all.back());
    }
    std::vector<std::vector<float>> asked(7);
    for (auto& query : asked) query = random_vector(random, dimension);
    const std::vector<std::span<const float>> queries(asked.begin(), asked.end());
    const auto found = index.nearest(queries);
    for (std::size_t q = 0; q < asked.size(); ++q) {
      double best = -2;
      for (const auto& row : all) best = std::max(best, plain_cosine(row, asked[q]));
      ASSERT_TRUE(found[q]);
      EXPECT_NEAR(found[q]->cosine, best, 1e-5);
      const auto& row = all[static_cast<std::size_t>(found[q]->identity - 100)];
      EXPECT_NEAR(plain_cosine(row, asked[q]), best, 1e-5);
    }
  }
}

TEST(EmbeddingIndex, What_is_not_kept_is_not_found_any_more) {
  std::mt19937 random(2);
  EmbeddingIndex index(64);
  std::vector<std::vector<float>> all;
  for (std::int64_t i = 0; i < 20; ++i) {
    all.push_back(random_vector(random, 64));
    index.add(i + 1, i, all.back());
  }
  const std::vector<std::int64_t> kept{2, 5, 6, 20};
  index.keep(kept);
  EXPECT_EQ(index.size(), 4U);
  EXPECT_TRUE(std::ranges::equal(index.ids(), kept));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<std::span<const float>> query{all[i]};
    const bool there = std::ranges::binary_search(kept, static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(index.nearest(query)[0]->cosine > 0.999F, there) << i;
  }
  index.keep({});
  EXPECT_EQ(index.size(), 0U);
  const std::vector<std::span<const float>> query{all[0]};
  EXPECT_FALSE(index.nearest(query)[0]);
}

TEST(Normalise, What_has_no_length_is_no_embedding) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kEndless = std::numeric_limits<float>::infinity();
  for (const auto& bad : {std::vector<float>{0, 0}, {1, kNan}, {kEndless, 1}, {}}) {
    std::vector<float> vector = bad;
    EXPECT_FALSE(normalise(vector));
  }
  std::vector<float> vector{3e30F, 4e30F};
  EXPECT_TRUE(normalise(vector));
  EXPECT_FLOAT_EQ(vector[0], 0.6F);
}

}  // namespace
}  // namespace npu::face
