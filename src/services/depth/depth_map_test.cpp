#include "services/depth/depth_map.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
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

Stats stats_of(const FloatMap& plane) {
  return DepthMap(plane, {plane.width, plane.height}).stats();
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

std::vector<float> normalized(const FloatMap& plane) {
  DepthMap map(plane, {plane.width, plane.height});
  map.normalize();
  std::vector<float> values(plane.values.size());
  map.row(0, values);
  return values;
}

TEST(DepthMap, Is_normalized_to_the_unit_range_unless_it_is_flat) {
  EXPECT_THAT(normalized({3, 1, {-1, 1, 3}}), ElementsAre(0.0F, 0.5F, 1.0F));
  EXPECT_THAT(normalized({2, 1, {7, 7}}), ElementsAre(7.0F, 7.0F));
}

TEST(DepthMap, Its_statistics_are_those_of_what_it_shows) {
  DepthMap map({4, 1, {-100, -2, 0, 100}}, {4, 1});
  EXPECT_EQ(map.stats().p95, 0.0);
  EXPECT_EQ(map.stats().mean, -34.0);
  map.normalize();
  EXPECT_EQ(map.stats().min, 0.0);
  EXPECT_EQ(map.stats().p95, 0.5);
  EXPECT_DOUBLE_EQ(map.stats().mean, 0.33);
}

TEST(DepthMap, Has_the_rows_of_the_resized_plane) {
  FloatMap plane{5, 4, std::vector<float>(20)};
  std::iota(plane.values.begin(), plane.values.end(), -7.25F);
  for (const auto& [width, height] : {media::Size{5, 4}, media::Size{3, 2}, media::Size{50, 41}}) {
    const FloatMap whole = media::resize(plane, width, height);
    const DepthMap map(plane, {width, height});
    std::vector<float> row(static_cast<std::size_t>(width));
    for (int y = 0; y < height; ++y) {
      map.row(y, row);
      EXPECT_TRUE(std::ranges::equal(
          row, std::span(whole.values).subspan(static_cast<std::size_t>(y * width), row.size())))
          << width << " " << y;
    }
    std::vector<float> sorted = whole.values;
    std::ranges::sort(sorted);
    EXPECT_EQ(map.stats().p95,
              sorted[static_cast<std::size_t>(0.95 * static_cast<double>(sorted.size() - 1))]);
  }
}

TEST(DepthMap, Statistics_of_many_values_are_those_of_a_plain_count) {
  FloatMap plane{301, 67, {}};
  std::uint32_t x = 1;
  for (int i = 0; i < plane.width * plane.height; ++i) {
    x = x * 1664525U + 1013904223U;
    const float value = static_cast<float>(static_cast<std::int32_t>(x)) / 1e8F;
    plane.values.push_back(x % 97 == 0 ? std::nanf("") : x % 89 == 0 ? -0.0F : value);
  }
  std::vector<float> sorted;
  std::ranges::copy_if(plane.values, std::back_inserter(sorted),
                       [](float value) { return !std::isnan(value); });
  std::ranges::sort(sorted);
  const float p95 = sorted[static_cast<std::size_t>(0.95 * static_cast<double>(sorted.size() - 1))];
  const auto end = std::ranges::upper_bound(sorted, p95);
  const double sum = std::accumulate(sorted.begin(), end, 0.0);

  const Stats stats = stats_of(plane);
  EXPECT_EQ(stats.min, sorted.front());
  EXPECT_EQ(stats.p95, p95);
  EXPECT_NEAR(stats.mean, sum / static_cast<double>(end - sorted.begin()), 1e-9);
  DepthMap unit(plane, {plane.width, plane.height});
  unit.normalize();
  std::vector<float> row(static_cast<std::size_t>(plane.width));
  float greatest = 0;
  for (int y = 0; y < plane.height; ++y) {
    unit.row(y, row);
    for (const float value : row) greatest = value > greatest ? value : greatest;
  }
  EXPECT_EQ(greatest, 1.0F);
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
