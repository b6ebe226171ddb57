#include "vision/rle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vision/masks_golden.hpp"

namespace npu::vision {
namespace {

using ::testing::ElementsAre;

Rle runs(media::Size size, std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> inside) {
  RleBuilder builder(size);
  for (const auto& [begin, end] : inside) builder.add(begin, end);
  return std::move(builder).finish();
}

TEST(Rle, Counts_are_outside_and_inside_in_turn_to_the_last_pixel) {
  EXPECT_THAT(runs({4, 3}, {{2, 5}, {7, 8}}).counts, ElementsAre(2, 3, 2, 1, 4));
  EXPECT_THAT(runs({4, 3}, {{0, 12}}).counts, ElementsAre(0, 12));
  EXPECT_THAT(runs({4, 3}, {}).counts, ElementsAre(12));
  EXPECT_THAT(runs({4, 3}, {{3, 3}, {11, 12}}).counts, ElementsAre(11, 1));
}

TEST(Rle, Runs_that_touch_are_one) {
  EXPECT_THAT(runs({4, 3}, {{0, 3}, {3, 6}, {6, 7}}).counts, ElementsAre(0, 7, 5));
}

TEST(Rle, Bounds_hold_all_that_is_inside) {
  const Rle rle = runs({4, 3}, {{4, 5}, {8, 10}});  // (1, 1), (2, 2), (3, 0)
  EXPECT_EQ(area_of(rle), 3U);
  const media::Region bounds = bounds_of(rle);
  EXPECT_EQ(bounds.x, 1);
  EXPECT_EQ(bounds.y, 0);
  EXPECT_EQ(bounds.size, (media::Size{3, 3}));
  EXPECT_EQ(bounds_of(runs({4, 3}, {})).size, media::Size{});
}

TEST(Rle, Pixels_of_a_part_come_row_by_row) {
  const Rle rle = runs({4, 3}, {{4, 5}, {8, 10}});
  EXPECT_THAT(pixels_of(rle, {0, 0, {4, 3}}, 9), ElementsAre(0, 0, 0, 9, 0, 9, 0, 0, 0, 0, 9, 0));
  EXPECT_THAT(pixels_of(rle, {1, 1, {2, 2}}, 1), ElementsAre(1, 0, 0, 1));
}

// Also with counts of more than 15 bits, and differences below zero.
TEST(Rle, Text_is_that_of_cocos_tools) {
  for (const GoldenSegments& segments : kGoldenSegments) {
    for (const GoldenMask& mask : segments.kept) {
      EXPECT_EQ(coco_text({kMaskPicture.picture, mask.counts}), mask.text);
    }
  }
  EXPECT_EQ(coco_text(runs({4, 3}, {})), "<");
  EXPECT_EQ(coco_text(runs({4000, 3000}, {{5'000'000, 5'000'100}})), kGoldenLargeText);
}

}  // namespace
}  // namespace npu::vision
