#include "vision/text_pieces.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace npu::vision {
namespace {

constexpr double kDegrees = std::numbers::pi / 180;

// Of a piece from `from` to `to` along a line that begins at (100, 100) and is turned.
TextRegion piece(double from, double to, double degrees = 0, double off = 0, double height = 20) {
  const double c = std::cos(degrees * kDegrees);
  const double s = std::sin(degrees * kDegrees);
  const auto at = [&](double along, double across) {
    return media::Point{100 + along * c - across * s, 100 + along * s + across * c};
  };
  const double top = off - height / 2;
  const double bottom = off + height / 2;
  return {{at(from, top), at(to, top), at(to, bottom), at(from, bottom)}, 0.8F};
}

TEST(JoinPieces, What_overlaps_along_a_line_is_one_line_however_it_is_turned) {
  for (const double degrees : {0.0, 3.0, -12.0, 40.0, 90.0, 130.0}) {
    SCOPED_TRACE(degrees);
    const auto joined =
        join_pieces({piece(80, 160, degrees), piece(0, 90, degrees), piece(155, 190, degrees, 2)});
    ASSERT_EQ(joined.size(), 1U);
    const double length = std::max(width_of(joined[0].quad), height_of(joined[0].quad));
    EXPECT_NEAR(length, 190, 1.5);
    EXPECT_FLOAT_EQ(joined[0].score, 0.8F);
  }
}

TEST(JoinPieces, What_only_lies_near_stays_apart) {
  const auto apart = [](const TextRegion& one, const TextRegion& other) {
    return join_pieces({one, other}).size() == 2;
  };
  EXPECT_TRUE(apart(piece(0, 90), piece(92, 160))) << "a gap";
  EXPECT_TRUE(apart(piece(0, 90), piece(0, 90, 0, 18))) << "the next line";
  EXPECT_TRUE(apart(piece(0, 90), piece(85, 160, 0, 8))) << "not at its height";
  EXPECT_TRUE(apart(piece(0, 90), piece(85, 160, 0, 0, 50))) << "a heading";
  EXPECT_TRUE(apart(piece(0, 200), piece(60, 140))) << "within it";
  EXPECT_TRUE(apart(piece(0, 20), piece(15, 35))) << "neither has a direction";
  EXPECT_FALSE(apart(piece(0, 90), piece(85, 100)));
}

TEST(JoinPieces, Others_stay_as_they_are) {
  EXPECT_TRUE(join_pieces({}).empty());
  const auto one = piece(0, 50, 7);
  EXPECT_EQ(join_pieces({one})[0].quad, one.quad);
  EXPECT_EQ(join_pieces({{Quad{}, 0.5F}, {Quad{}, 0.5F}}).size(), 2U);
}

}  // namespace
}  // namespace npu::vision
