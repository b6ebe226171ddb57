#include "media/palette.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace npu::media {
namespace {

double linear(std::uint8_t sample) {
  const double share = sample / 255.0;
  return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

// CIE 1976 L*a*b* of an sRGB colour, white point D65.
std::array<double, 3> lab(Colour colour) {
  const double r = linear(colour.red);
  const double g = linear(colour.green);
  const double b = linear(colour.blue);
  const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
  const double x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const double y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const double z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double difference(Colour one, Colour other) {
  const auto a = lab(one);
  const auto b = lab(other);
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

// A difference of 2.3 is just noticeable; ten times that is seen at a glance.
TEST(Palette, Any_two_colours_differ_at_a_glance) {
  for (std::size_t i = 0; i < kPaletteSize; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_GT(difference(palette_colour(i), palette_colour(j)), 20) << i << ", " << j;
    }
  }
}

TEST(Palette, It_repeats_for_any_number_of_classes) {
  EXPECT_EQ(palette_colour(kPaletteSize), palette_colour(0));
  EXPECT_EQ(palette_colour(SIZE_MAX), palette_colour(SIZE_MAX % kPaletteSize));
}

// By the contrast of WCAG 2: (L1 + 0.05) / (L2 + 0.05) of relative luminances; 3 is its least for
// large letters.
TEST(Palette, Text_can_be_read_on_each_of_them) {
  const auto luminance = [](Colour c) {
    return 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
  };
  for (std::size_t i = 0; i < kPaletteSize; ++i) {
    const double paper = luminance(palette_colour(i)) + 0.05;
    const double ink = luminance(text_colour_on(palette_colour(i))) + 0.05;
    EXPECT_GT(std::max(paper, ink) / std::min(paper, ink), 3) << i;
  }
}

}  // namespace
}  // namespace npu::media
