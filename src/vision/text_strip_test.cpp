// The oracle is text_golden.py: numpy samples by the inverse of a homography that it solves.
#include "vision/text_strip.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "vision/text_golden.hpp"

namespace npu::vision {
namespace {

constexpr int kHeight = 16;

// As text_golden.py draws it.
media::Image golden_picture() {
  media::Image picture(100, 60, 3);
  auto* out = picture.pixels().data();
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 100; ++x) {
      *out++ = static_cast<std::uint8_t>((2 * x + y) % 256);
      *out++ = static_cast<std::uint8_t>(128 + 100 * std::sin(x / 9.) * std::cos(y / 7.));
      *out++ = static_cast<std::uint8_t>(3 * y);
    }
  }
  return picture;
}

Quad quad_of(const std::vector<double>& numbers) {
  Quad quad;
  for (std::size_t i = 0; i < 4; ++i) quad[i] = {numbers[2 * i], numbers[2 * i + 1]};
  return quad;
}

std::vector<std::uint8_t> strip_of(const media::Image& picture, const Quad& quad, media::Size text,
                                   int width) {
  std::vector<std::uint8_t> strip(media::Image::bytes_of(width, text.height, 3));
  cut_strip(picture, quad, text, width, 7, strip);
  return strip;
}

TEST(CutStrip, Perspective_and_what_lies_outside_are_those_of_numpy) {
  const auto picture = golden_picture();
  for (const golden::Strip& expected : golden::kStrips) {
    const Quad quad = quad_of(expected.quad);
    const int width = strip_width(quad, kHeight);
    const auto strip = strip_of(picture, quad, {width, kHeight}, width);
    std::size_t i = 0;
    for (int y = 0; y < kHeight; y += 5) {
      for (int x = 0; x < width; x += 7) {
        for (int c = 0; c < 3; ++c, ++i) {
          ASSERT_LT(i, expected.values.size());
          // OpenCV's places are whole 32nds of a pixel.
          EXPECT_NEAR(strip[static_cast<std::size_t>((y * width + x) * 3 + c)], expected.values[i],
                      4)
              << x << ", " << y;
        }
      }
    }
    EXPECT_EQ(i, expected.values.size());
  }
}

TEST(CutStrip, Beside_a_short_text_lies_the_fill) {
  const auto strip =
      strip_of(golden_picture(), quad_of(golden::kStrips[0].quad), {40, kHeight}, 64);
  for (int y = 0; y < kHeight; ++y) {
    const auto* row = strip.data() + y * 64 * 3;
    EXPECT_EQ(row[40 * 3], 7);
    EXPECT_EQ(row[64 * 3 - 1], 7);
    EXPECT_NE(row[40 * 3 - 2], 7);
  }
}

TEST(CutStrip, Large_text_is_averaged_not_skipped) {
  media::Image stripes(640, 96, 3);  // columns of black and white
  for (std::size_t i = 0; i < stripes.pixels().size(); ++i) {
    stripes.pixels()[i] = i / 3 % 2 == 0 ? 0 : 255;
  }
  const Quad whole{{{0, 0}, {640, 0}, {640, 96}, {0, 96}}};
  for (const std::uint8_t value : strip_of(stripes, whole, {107, kHeight}, 107)) {
    EXPECT_NEAR(value, 127, 40);
  }
}

TEST(CutStrip, A_quad_of_no_extent_is_a_strip_of_something) {
  const Quad point{{{5, 5}, {5, 5}, {5, 5}, {5, 5}}};
  EXPECT_EQ(strip_width(point, kHeight), 1);
  EXPECT_EQ(strip_of(golden_picture(), point, {1, kHeight}, 8).size(), 8U * kHeight * 3);
}

TEST(ResizedPage, Is_averaged_where_it_is_shrunken) {
  media::Image stripes(64, 32, 3);  // columns of black and white
  for (std::size_t i = 0; i < stripes.pixels().size(); ++i) {
    stripes.pixels()[i] = i / 3 % 2 == 0 ? 0 : 255;
  }
  const media::Image half = resized_page(stripes, {32, 16});
  ASSERT_EQ(half.pixels().size(), 32U * 16 * 3);
  for (const std::uint8_t value : half.pixels()) EXPECT_NEAR(value, 127, 1);
  EXPECT_EQ(resized_page(stripes, {128, 8}).width(), 128);
  EXPECT_EQ(resized_page(stripes, {1, 1}).pixels().size(), 3U);
}

TEST(ReadingDirection, What_is_tall_is_turned_to_the_left) {
  const Quad wide{{{0, 0}, {20, 0}, {20, 10}, {0, 10}}};
  EXPECT_EQ(reading_direction(wide), wide);
  const Quad tall{{{0, 0}, {10, 0}, {10, 20}, {0, 20}}};
  const Quad turned = reading_direction(tall);
  EXPECT_EQ(turned[0], (media::Point{10, 0}));
  EXPECT_EQ(turned[1], (media::Point{10, 20}));
  EXPECT_EQ(width_of(turned), 20);
  const Quad almost{{{0, 0}, {10, 0}, {10, 14.9}, {0, 14.9}}};
  EXPECT_EQ(reading_direction(almost), almost);
}

}  // namespace
}  // namespace npu::vision
