// The oracle is text_golden.py: numpy, pixel by pixel.
#include "vision/text_map.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "vision/text_golden.hpp"

namespace npu::vision {
namespace {

using golden::kMapHeight;
using golden::kMapWidth;

constexpr media::Size kSize{kMapWidth, kMapHeight};

// As text_golden.py draws it.
std::vector<float> golden_map() {
  std::vector<float> map(static_cast<std::size_t>(kMapWidth) * kMapHeight);
  for (int y = 0; y < kMapHeight; ++y) {
    for (int x = 0; x < kMapWidth; ++x) {
      double most = 0;
      for (const golden::Text& text : golden::kTexts) {
        const double angle = text.degrees * std::numbers::pi / 180;
        const double dx = x + 0.5 - text.x;
        const double dy = y + 0.5 - text.y;
        const double u = dx * std::cos(angle) + dy * std::sin(angle);
        const double v = -dx * std::sin(angle) + dy * std::cos(angle);
        const double inside = std::min(text.width / 2 - std::abs(u), text.height / 2 - std::abs(v));
        most = std::max(most, text.value * std::clamp(inside / 2 + 0.5, 0.0, 1.0));
      }
      map[static_cast<std::size_t>(y * kMapWidth + x)] = static_cast<float>(most);
    }
  }
  return map;
}

TEST(FindText, Regions_are_those_of_numpy_turned_faint_and_small_ones_too) {
  auto regions = find_text(golden_map(), kSize, {});
  ASSERT_EQ(regions.size(), golden::kRegions.size());
  std::ranges::sort(regions, {}, [](const TextRegion& region) { return region.quad[0].y; });
  for (std::size_t i = 0; i < regions.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_NEAR(regions[i].score, golden::kRegions[i].score, 0.002);
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_NEAR(regions[i].quad[k].x, golden::kRegions[i].corners[2 * k], 0.1) << k;
      EXPECT_NEAR(regions[i].quad[k].y, golden::kRegions[i].corners[2 * k + 1], 0.1) << k;
    }
  }
}

TEST(FindText, Each_rule_counts) {
  const auto map = golden_map();
  const auto count = [&](const TextMapRules& rules) { return find_text(map, kSize, rules).size(); };
  EXPECT_EQ(count({}), 5U);
  EXPECT_EQ(count({.box_threshold = 0.3}), 6U) << "the faint one";
  EXPECT_EQ(count({.box_threshold = 0.86}), 1U);
  EXPECT_EQ(count({.pixel_threshold = 0.96}), 0U);
  EXPECT_EQ(count({.min_side = 11}), 2U);
  const auto longest = find_text(map, kSize, {.max_regions = 1});
  ASSERT_EQ(longest.size(), 1U);
  EXPECT_NEAR(longest[0].quad[0].x, golden::kRegions[1].corners[0], 0.1);
  const auto narrow = find_text(map, kSize, {.unclip_ratio = 0});
  EXPECT_LT(height_of(narrow[0].quad), 13);
}

TEST(FindText, A_line_that_is_bent_is_a_line) {
  constexpr int kWide = 300;
  constexpr int kHigh = 60;
  std::vector<float> map(std::size_t{kWide} * kHigh);
  const auto middle = [](int x) { return 35 - 20 * std::sin(std::numbers::pi * x / kWide); };
  for (int x = 10; x < kWide - 10; ++x) {
    for (int y = 0; y < kHigh; ++y) {
      if (std::abs(y - middle(x)) < 4) map[static_cast<std::size_t>(y * kWide + x)] = 0.9F;
    }
  }
  const auto regions = find_text(map, {kWide, kHigh}, {});
  ASSERT_EQ(regions.size(), 1U) << "less than half of its rectangle is text";
  EXPECT_NEAR(regions[0].score, 0.9, 0.01);
}

TEST(FindText, A_map_without_text_or_of_nonsense_has_none) {
  EXPECT_TRUE(find_text(std::vector<float>(64 * 64), {64, 64}, {}).empty());
  const std::vector<float> nan(64 * 64, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(find_text(nan, {64, 64}, {}).empty());
  EXPECT_TRUE(find_text(std::vector<float>(1, 1), {1, 1}, {}).empty());
}

TEST(FindText, A_map_full_of_text_is_one_region) {
  const auto regions = find_text(std::vector<float>(64 * 32, 1), {64, 32}, {});
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].score, 1);
  const media::Box box = bounds_of(regions[0].quad);
  EXPECT_LT(box.from.x, 0);
  EXPECT_GT(box.to.x, 64);
}

TEST(FindText, What_lies_in_a_frame_is_found_beside_the_frame) {
  std::vector<float> map(100 * 100);
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < 100; ++x) {
      const bool frame = std::min({x, y, 99 - x, 99 - y}) < 4;
      const bool word = x >= 30 && x < 70 && y >= 45 && y < 55;
      map[static_cast<std::size_t>(y * 100 + x)] = frame || word ? 1 : 0;
    }
  }
  const auto regions = find_text(map, {100, 100}, {});
  ASSERT_EQ(regions.size(), 1U) << "the frame is mostly hole";
  EXPECT_NEAR(width_of(regions[0].quad), 49.97, 0.01);
}

}  // namespace
}  // namespace npu::vision
