#include "services/ocr/tiles.hpp"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace npu::ocr {
namespace {

constexpr Detector kOneSize{.input = {960, 544}};
constexpr Detector kFree{.input = {320, 320}, .step = 32, .max_side = 2048};

// Each pixel is trusted to one tile, which shows it, and inputs are what the network takes.
void expect_whole(const TilePlan& plan, const Detector& detector) {
  const media::Size size = plan.resized;
  std::vector<int> trusted(static_cast<std::size_t>(size.width) *
                           static_cast<std::size_t>(size.height));
  for (const Tile& tile : plan.tiles) {
    if (detector.step == 0) {
      EXPECT_EQ(tile.input, detector.input);
    } else {
      EXPECT_EQ(tile.input.width % detector.step, 0);
      EXPECT_EQ(tile.input.height % detector.step, 0);
      EXPECT_LE(tile.input.width, detector.max_side);
    }
    EXPECT_LE(tile.part.size.width, tile.input.width);
    EXPECT_LE(tile.part.size.height, tile.input.height);
    ASSERT_GE(tile.trust.x, tile.part.x);
    ASSERT_GE(tile.trust.y, tile.part.y);
    ASSERT_LE(tile.trust.x + tile.trust.size.width, tile.part.x + tile.part.size.width);
    ASSERT_LE(tile.trust.y + tile.trust.size.height, tile.part.y + tile.part.size.height);
    ASSERT_LE(tile.part.x + tile.part.size.width, size.width);
    ASSERT_LE(tile.part.y + tile.part.size.height, size.height);
    for (int y = tile.trust.y; y < tile.trust.y + tile.trust.size.height; ++y) {
      for (int x = tile.trust.x; x < tile.trust.x + tile.trust.size.width; ++x) {
        ++trusted[static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) +
                  static_cast<std::size_t>(x)];
      }
    }
  }
  for (const int count : trusted) ASSERT_EQ(count, 1);
}

TEST(PlanTiles, Every_pixel_is_trusted_once_whatever_the_size) {
  for (const Detector& detector : {kOneSize, kFree}) {
    for (const media::Size size : {media::Size{1, 1},
                                   {1, 5000},
                                   {5000, 1},
                                   {960, 544},
                                   {961, 545},
                                   {2480, 3508},
                                   {4000, 3000},
                                   {1281, 97},
                                   {300, 2000}}) {
      SCOPED_TRACE(testing::Message() << size.width << " x " << size.height);
      expect_whole(plan_tiles(size, detector, {}), detector);
      expect_whole(plan_tiles(size, detector, {.max_side = 4000, .tile_side = 640, .overlap = 200}),
                   detector);
      expect_whole(plan_tiles(size, detector, {.overlap = 0}), detector);
      expect_whole(plan_tiles(size, detector, {.tile_side = 64, .overlap = 1024}), detector);
    }
  }
}

TEST(PlanTiles, What_almost_fits_is_seen_in_one_part) {
  EXPECT_EQ(plan_tiles({1200, 680}, kOneSize, {}).tiles.size(), 1U);
  EXPECT_EQ(plan_tiles({1200, 680}, kOneSize, {}).resized, (media::Size{960, 544}));
  EXPECT_EQ(plan_tiles({1920, 1080}, kOneSize, {}).tiles.size(), 9U);
  EXPECT_EQ(plan_tiles({1280, 1280}, kFree, {}).tiles.size(), 1U);
  EXPECT_EQ(plan_tiles({1900, 1280}, kFree, {}).tiles.size(), 2U);
}

TEST(PlanTiles, Small_pictures_are_enlarged_for_a_detector_of_one_size_at_most_twice) {
  EXPECT_EQ(plan_tiles({100, 50}, kOneSize, {}).resized, (media::Size{200, 100}));
  EXPECT_EQ(plan_tiles({700, 50}, kOneSize, {}).resized, (media::Size{960, 69}));
}

TEST(PlanTiles, A_detector_of_any_size_sees_all_of_its_input) {
  const TilePlan plan = plan_tiles({900, 430}, kFree, {});
  ASSERT_EQ(plan.tiles.size(), 1U);
  EXPECT_EQ(plan.resized, (media::Size{928, 448}));
  EXPECT_EQ(plan.tiles[0].input, plan.resized);
}

TEST(PlanTiles, A_page_of_300_dpi_is_shrunken_and_seen_in_parts_that_overlap) {
  const TilePlan plan = plan_tiles({2480, 3508}, kFree, {});
  EXPECT_EQ(plan.resized.height, 1920);
  ASSERT_EQ(plan.tiles.size(), 4U);
  const Tile& first = plan.tiles[0];
  const Tile& last = plan.tiles[3];
  EXPECT_GE(first.part.size.height + last.part.size.height, 1920 + 96);
}

}  // namespace
}  // namespace npu::ocr
