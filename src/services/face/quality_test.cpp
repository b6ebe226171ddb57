#include "services/face/quality.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/face/align.hpp"
#include "services/face/deepstack_faces.hpp"

namespace npu::face {
namespace {

Face face_of(double eyes_apart, double nose_aside = 0, float score = 1) {
  const double middle = 100;
  return {.box = {{50, 50}, {150, 150}},
          .score = score,
          .points = {{{middle - eyes_apart / 2, 80},
                      {middle + eyes_apart / 2, 80},
                      {middle + nose_aside * eyes_apart, 100},
                      {80, 120},
                      {120, 120}}}};
}

// A chessboard: as sharp as can be; grey: not at all.
media::Image board(std::uint8_t low, std::uint8_t high) {
  media::Image picture(kAlignedSide, kAlignedSide, 3);
  for (int y = 0; y < kAlignedSide; ++y) {
    for (int x = 0; x < kAlignedSide; ++x) {
      auto* const pixel = &picture.pixels()[static_cast<std::size_t>(3 * (y * kAlignedSide + x))];
      std::fill_n(pixel, 3, (x / 4 + y / 4) % 2 == 0 ? low : high);
    }
  }
  return picture;
}

TEST(QualityOf, A_large_sharp_face_that_looks_here_is_good) {
  const Quality quality = quality_of(face_of(60), board(50, 200));
  EXPECT_EQ(quality.score, 1);
  EXPECT_TRUE(quality.advice.empty());
}

TEST(QualityOf, Each_fault_lowers_it_and_is_told) {
  const auto sharp = board(50, 200);
  const struct {
    Face face;
    media::Image picture;
    const char* advice;
  } kRows[] = {{face_of(18), sharp, "larger"},
               {face_of(60), board(128, 130), "sharper"},
               {face_of(60, 0.4), sharp, "looks into the camera"},
               {face_of(60, 0, 0.4F), sharp, "more clearly"}};
  for (const auto& row : kRows) {
    const Quality quality = quality_of(row.face, row.picture);
    EXPECT_LT(quality.score, 0.5);
    ASSERT_EQ(quality.advice.size(), 1U);
    EXPECT_THAT(quality.advice[0], ::testing::HasSubstr(row.advice));
  }
  EXPECT_EQ(quality_of(face_of(0), sharp).score, 0) << "eyes that are one point";
}

// 0.67 is DeepStack's threshold, whatever ours is.
TEST(DeepStackConfidence, It_rises_with_the_cosine_and_comes_back) {
  for (const double threshold : {0.363, 0.5, 0.7}) {
    EXPECT_NEAR(as_confidence(threshold, threshold), kDeepStackThreshold, 1e-12);
    EXPECT_EQ(as_confidence(-1, threshold), 0);
    EXPECT_EQ(as_confidence(1, threshold), 1);
    EXPECT_EQ(as_confidence(1.0001, threshold), 1);
    double last = -1;
    for (int percent = 0; percent <= 100; ++percent) {
      const double cosine = percent / 100.0;
      const double confidence = as_confidence(cosine, threshold);
      EXPECT_GT(confidence, last);
      EXPECT_NEAR(as_cosine(confidence, threshold), cosine, 1e-9);
      last = confidence;
    }
  }
}

}  // namespace
}  // namespace npu::face
