#include "services/depth/depth_map.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::depth {
namespace {

using media::FloatMap;
using ::testing::ElementsAre;

TensorView view(const std::vector<float>& values, Shape shape) {
  return {DType::kFloat32, std::move(shape), std::as_bytes(std::span(values))};
}

TEST(Stats, The_percentile_is_the_lower_one) {
  const Stats stats = stats_of({4, 1, {100, 2, 3, 1}});
  EXPECT_EQ(stats.p95, 3.0);
  EXPECT_EQ(stats.min, 1.0);
  EXPECT_EQ(stats.max, 3.0);
  EXPECT_EQ(stats.mean, 2.0);
}

TEST(Stats, The_percentile_never_exceeds_the_maximum) {
  for (int n = 1; n <= 50; ++n) {
    FloatMap map{n, 1, std::vector<float>(static_cast<std::size_t>(n))};
    std::iota(map.values.begin(), map.values.end(), 0.5F);
    const Stats stats = stats_of(map);
    EXPECT_LE(stats.p95, stats.max) << n;
    EXPECT_EQ(stats.p95, 0.5 + std::floor(0.95 * (n - 1))) << n;
  }
}

TEST(Stats, Equal_values_beyond_the_rank_count_for_the_mean) {
  const Stats stats = stats_of({4, 1, {5, 1, 5, 5}});
  EXPECT_EQ(stats.mean, 4.0);
}

TEST(Stats, What_is_not_a_number_is_left_out) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(stats_of({3, 1, {nan, 2, nan}}).mean, 2.0);
  EXPECT_EQ(stats_of({1, 1, {nan}}).max, 0.0);
}

TEST(Normalize, Maps_to_the_unit_range_and_leaves_flat_maps) {
  FloatMap map{3, 1, {-1, 1, 3}};
  normalize(map);
  EXPECT_THAT(map.values, ElementsAre(0.0F, 0.5F, 1.0F));
  FloatMap flat{2, 1, {7, 7}};
  normalize(flat);
  EXPECT_THAT(flat.values, ElementsAre(7.0F, 7.0F));
}

TEST(Represent, Depth_falls_where_the_inverse_rises) {
  FloatMap map{3, 1, {-2, 0, 2}};
  represent(map, Representation::kInverse);
  EXPECT_THAT(map.values, ElementsAre(-2.0F, 0.0F, 2.0F));
  represent(map, Representation::kDepth);
  EXPECT_NEAR(map.values[1], 1.0 / 5.009, 1e-6);
  EXPECT_GT(map.values[0], map.values[1]);
  EXPECT_GT(map.values[1], map.values[2]);
}

TEST(Plane, Layouts_are_recognised) {
  const std::vector<float> six{0, 1, 2, 3, 4, 5};
  for (const Shape& shape :
       {Shape{2, 3}, Shape{2, 3, 1}, Shape{1, 2, 3}, Shape{1, 2, 3, 1}, Shape{1, 1, 2, 3}}) {
    const auto map = plane_of(view(six, shape));
    ASSERT_TRUE(map) << to_string(shape);
    EXPECT_EQ(map->height, 2) << to_string(shape);
    EXPECT_EQ(map->width, 3);
    EXPECT_EQ(map->values, six);
  }
  std::vector<float> many(24);
  std::iota(many.begin(), many.end(), 0.0F);
  const auto planes = plane_of(view(many, {3, 2, 4}));
  EXPECT_THAT(planes->values, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  const auto channels = plane_of(view(many, {2, 6, 2}));
  EXPECT_THAT(channels->values, ElementsAre(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22));
}

TEST(Plane, What_is_no_map_is_an_error) {
  const std::vector<float> values(16);
  for (const Shape& shape : {Shape{}, Shape{16}, Shape{1, 1, 16}, Shape{2, 2, 2, 2}}) {
    EXPECT_FALSE(plane_of(view(values, shape))) << to_string(shape);
  }
  EXPECT_FALSE(plane_of({DType::kInt64, {2, 2}, {}}));
}

}  // namespace
}  // namespace npu::depth
