#include "services/segment/picture_segments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/segment/segments_test_support.hpp"

namespace npu::segment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr media::Size kInput{64, 64};

kit::Placement placed(media::Size picture) {
  return kit::place(picture, kInput, kit::Fit::kLetterbox);
}

// The picture lies from row 16 to 48 of the input, at half its size.
TEST(PictureSegments, Masks_lie_in_the_picture_where_they_lie_in_the_input) {
  const auto found = PictureSegments::find(halves(), placed({128, 64}), {}, {});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ((*found)->size(), 2U);
  const Found cat = (*found)->at(0);
  EXPECT_EQ(cat.label, 15);
  EXPECT_EQ(cat.box, (kit::Box{{32, 0}, {96, 64}}));
  EXPECT_THAT((*found)->mask(0).counts, ElementsAre(32 * 64, 32 * 64, 64 * 64));
  EXPECT_THAT((*found)->mask(1).counts, ElementsAre(64 * 64, 32 * 64, 32 * 64));
}

// Pictures of every shape: of the input's shape, with bars at either side, smaller and larger.
TEST(PictureSegments, Masks_come_back_to_a_pixel_from_any_letterbox) {
  for (const media::Size picture :
       {media::Size{64, 64}, {7, 5}, {640, 480}, {333, 1000}, {1001, 77}, {4000, 3000}}) {
    const kit::Placement where = placed(picture);
    const auto found = PictureSegments::find(halves(), where, {}, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ((*found)->size(), 2U);
    const auto edge = [&](double x, double y) { return where.to_picture(kit::Point{x, y}); };
    const kit::Box left = where.to_picture(kit::Box{{16, 16}, {32, 48}});
    const media::Region bounds = bounds_of((*found)->mask(0));
    EXPECT_NEAR(bounds.x, left.from.x, 1) << picture.width;
    EXPECT_NEAR(bounds.x + bounds.size.width, edge(32, 0).x, 1) << picture.width;
    EXPECT_NEAR(bounds.y, left.from.y, 1) << picture.width;
    EXPECT_NEAR(bounds.y + bounds.size.height, left.to.y, 1) << picture.width;
    const media::Region other = bounds_of((*found)->mask(1));
    EXPECT_EQ(other.x, bounds.x + bounds.size.width) << picture.width;
  }
}

TEST(PictureSegments, Objects_are_chosen_by_class_and_by_overlap) {
  SegmentOptions dogs;
  dogs.classes = {16};
  EXPECT_EQ((*PictureSegments::find(halves(), placed({64, 64}), {}, dogs))->at(0).label, 16);
  SegmentOptions agnostic;
  agnostic.agnostic = true;
  EXPECT_EQ((*PictureSegments::find(halves(), placed({64, 64}), {}, agnostic))->size(), 1U);
}

TEST(PictureSegments, Masks_of_bytes_are_a_second_output) {
  Tensor bytes{DType::kUint8, {40}, std::vector<std::byte>(40)};
  std::fill_n(bytes.data.begin(), 32, std::byte{1});  // of 8 x 4 pixels
  const auto result = result_of(
      {{"nms", tensor_of({1, 6}, {0.25F, 0.5F, 0.375F, 0.5625F, 0.9F, 3})}, {"nms/masks", bytes}});
  const auto found = PictureSegments::find(result, placed({64, 64}), {}, {});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ((*found)->size(), 1U);
  EXPECT_EQ(bounds_of((*found)->mask(0)).size, (media::Size{8, 4}));
}

TEST(PictureSegments, Outputs_that_are_no_segmenters_are_our_fault_and_told) {
  const auto detector = result_of({{"nms", tensor_of({1, 6}, {0, 0, 1, 1, 0.9F, 3})}});
  const auto none = PictureSegments::find(detector, placed({64, 64}), {}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kInternal);
  EXPECT_THAT(none.error().message, HasSubstr("are no segmenter's head"));
  EXPECT_THAT(PictureSegments::find(halves(), placed({64, 64}), vision::SegmentKind::kDfl, {})
                  .error()
                  .message,
              HasSubstr("of the kind dfl"));
  const auto two = result_of({{"rows", tensor_of({1, 6}, {0, 0, 1, 1, 0.9F, 3})},
                              {"a", {DType::kUint8, {1}, std::vector<std::byte>(1)}},
                              {"b", {DType::kUint8, {1}, std::vector<std::byte>(1)}}});
  EXPECT_THAT(PictureSegments::find(two, placed({64, 64}), {}, {}).error().message,
              HasSubstr("must be float32, one is uint8"));
}

}  // namespace
}  // namespace npu::segment
