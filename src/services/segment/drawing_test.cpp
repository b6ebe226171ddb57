#include "services/segment/drawing.hpp"

#include <algorithm>
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/palette.hpp"
#include "services/segment/segments_test_support.hpp"

namespace npu::segment {
namespace {

constexpr int kGrey = 120;

class Drawing : public ::testing::Test {
 protected:
  Status draw(Millis max_time = Millis(60'000)) {
    const auto found = PictureSegments::find(
        halves(), kit::place({128, 64}, {64, 64}, kit::Fit::kLetterbox), {}, options_);
    if (!found) return fail(found.error());
    std::ranges::fill(picture_.pixels(), kGrey);
    return draw_on(picture_, **found, labels_, options_, max_time);
  }

  std::array<int, 3> at(int x, int y) const {
    const std::size_t first = 3 * (static_cast<std::size_t>(y) * 128 + static_cast<std::size_t>(x));
    const auto pixels = picture_.pixels();
    return {pixels[first], pixels[first + 1], pixels[first + 2]};
  }
  void expect_veil(int x, int y, int label) const {
    const media::Colour colour = media::palette_colour(static_cast<std::size_t>(label));
    EXPECT_NEAR(at(x, y)[0], (kGrey + colour.red) / 2.0, 2) << x;
    EXPECT_NEAR(at(x, y)[1], (kGrey + colour.green) / 2.0, 2) << x;
    EXPECT_NEAR(at(x, y)[2], (kGrey + colour.blue) / 2.0, 2) << x;
  }

  kit::Labels labels_ = kit::Labels::coco();
  SegmentOptions options_;
  media::Image picture_{128, 64, 3};
};

TEST_F(Drawing, Masks_lie_over_the_picture_in_their_classs_colour) {
  ASSERT_TRUE(draw());
  expect_veil(45, 50, 15);
  expect_veil(80, 50, 16);
  EXPECT_EQ(at(10, 50), (std::array{kGrey, kGrey, kGrey}));
}

TEST_F(Drawing, Without_masks_has_boxes) {
  options_.mask_format = MaskFormat::kNone;
  ASSERT_TRUE(draw());
  EXPECT_EQ(at(45, 50), (std::array{kGrey, kGrey, kGrey}));
  EXPECT_NE(at(32, 50), (std::array{kGrey, kGrey, kGrey}));
}

TEST_F(Drawing, That_takes_too_long_is_told) {
  const Status drawn = draw(Millis(0));
  ASSERT_FALSE(drawn);
  EXPECT_EQ(drawn.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace npu::segment
