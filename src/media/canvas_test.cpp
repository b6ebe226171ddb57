#include "media/canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace npu::media {
namespace {

constexpr Colour kGround{10, 20, 30};
constexpr Colour kRed{200, 0, 0};
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A picture of one colour, and what was drawn on it.
class Sheet {
 public:
  Sheet(int width, int height) : image_(width, height, 3) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) std::ranges::copy(std::array{10, 20, 30}, pixel(x, y));
    }
  }

  Canvas canvas() { return Canvas(image_); }
  Colour at(int x, int y) {
    const std::uint8_t* p = pixel(x, y);
    return {p[0], p[1], p[2]};
  }
  // The pixels that are not of the ground.
  Region drawn() {
    int left = image_.width();
    int top = image_.height();
    int right = 0;
    int bottom = 0;
    for (int y = 0; y < image_.height(); ++y) {
      for (int x = 0; x < image_.width(); ++x) {
        if (at(x, y) == kGround) continue;
        left = std::min(left, x);
        top = std::min(top, y);
        right = std::max(right, x + 1);
        bottom = std::max(bottom, y + 1);
      }
    }
    if (right == 0) return {};
    return {left, top, {right - left, bottom - top}};
  }
  bool untouched() { return drawn().size == Size{}; }

 private:
  std::uint8_t* pixel(int x, int y) {
    return image_.pixels().data() +
           3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(image_.width()) +
                static_cast<std::size_t>(x));
  }
  Image image_;
};

bool operator==(const Region& a, const Region& b) {
  return a.x == b.x && a.y == b.y && a.size == b.size;
}

TEST(Canvas, Lines_are_as_thick_as_suits_the_picture) {
  EXPECT_EQ(Sheet(16, 16).canvas().thickness(), 1);
  EXPECT_EQ(Sheet(640, 480).canvas().thickness(), 2);
  EXPECT_EQ(Sheet(1920, 1080).canvas().thickness(), 5);
}

TEST(Canvas, A_box_is_a_frame_just_inside_of_its_edges) {
  Sheet sheet(640, 480);
  sheet.canvas().box({{100.4, 49.6}, {300.4, 199.5}}, kRed);
  EXPECT_TRUE(sheet.drawn() == (Region{100, 50, {200, 150}}));
  for (const auto& [x, y] : {std::pair(100, 50),
                             {101, 51},
                             {299, 199},
                             {298, 198},
                             {299, 50},
                             {100, 199},
                             {200, 51},
                             {101, 120}}) {
    EXPECT_EQ(sheet.at(x, y), kRed) << x << ", " << y;
  }
  EXPECT_EQ(sheet.at(102, 52), kGround);
  EXPECT_EQ(sheet.at(297, 197), kGround);
}

TEST(Canvas, A_box_of_nothing_is_a_pixel_and_one_that_is_turned_round_the_same) {
  Sheet sheet(100, 100);
  sheet.canvas().box({{50, 60}, {50, 60}}, kRed);
  EXPECT_TRUE(sheet.drawn() == (Region{50, 60, {1, 1}}));
  Sheet turned(100, 100);
  turned.canvas().box({{30, 40}, {10, 20}}, kRed);
  EXPECT_TRUE(turned.drawn() == (Region{10, 20, {20, 20}}));
}

TEST(Canvas, Of_a_box_that_stands_out_the_part_inside_is_drawn) {
  Sheet sheet(100, 100);
  sheet.canvas().box({{-1e300, 20}, {40, 1e300}}, kRed);
  EXPECT_TRUE(sheet.drawn() == (Region{0, 20, {40, 80}}));
  EXPECT_EQ(sheet.at(39, 99), kRed);    // the right edge
  EXPECT_EQ(sheet.at(0, 50), kGround);  // the left one is far away
}

TEST(Canvas, A_line_goes_from_middle_to_middle) {
  Sheet sheet(100, 100);
  sheet.canvas().line({10.5, 20.5}, {60.5, 20.5}, kRed);
  EXPECT_GT(sheet.at(35, 20).red, 170);
  EXPECT_EQ(sheet.at(35, 17), kGround);
  EXPECT_EQ(sheet.at(35, 23), kGround);
  EXPECT_EQ(sheet.at(7, 20), kGround);
  EXPECT_EQ(sheet.at(63, 20), kGround);
}

// An end a thousand pictures away; y = x / 2 + 10 is what is to be seen of it.
TEST(Canvas, A_line_from_far_away_keeps_its_slope) {
  Sheet sheet(200, 200);
  sheet.canvas().line({-200'000, -99'990}, {200'000, 100'010}, kRed);
  for (int x = 0; x < 200; x += 10) EXPECT_GT(sheet.at(x, x / 2 + 10).red, 100) << x;
  EXPECT_EQ(sheet.at(100, 100), kGround);
}

TEST(Canvas, A_dot_is_round) {
  Sheet sheet(900, 900);
  Canvas canvas = sheet.canvas();
  canvas.dot({100.5, 200.5}, kRed);
  const int radius = canvas.thickness() + 1;
  EXPECT_EQ(sheet.at(100, 200), kRed);
  EXPECT_EQ(sheet.at(100 + radius - 1, 200), kRed);
  EXPECT_EQ(sheet.at(100 + radius, 200 + radius), kGround);
}

TEST(Canvas, A_mask_lets_half_of_the_picture_through) {
  Sheet sheet(10, 10);
  const std::vector<std::uint8_t> mask{0, 1, 255, 0, 0, 7};
  sheet.canvas().mask({2, 3, {3, 2}}, mask, kRed);
  const Colour half{105, 10, 15};
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      const bool set = mask[static_cast<std::size_t>(3 * y + x)] != 0;
      EXPECT_EQ(sheet.at(2 + x, 3 + y), set ? half : kGround) << x << ", " << y;
    }
  }
  EXPECT_TRUE(sheet.drawn() == (Region{3, 3, {2, 2}}));
}

TEST(Canvas, Of_a_mask_that_stands_out_the_part_inside_is_drawn) {
  Sheet sheet(4, 4);
  std::vector<std::uint8_t> mask(36, 0);
  mask[0] = mask[7] = mask[35] = 1;  // (-1, -1), (0, 0) and (4, 4)
  sheet.canvas().mask({-1, -1, {6, 6}}, mask, kRed);
  EXPECT_TRUE(sheet.drawn() == (Region{0, 0, {1, 1}}));
  sheet.canvas().mask({std::numeric_limits<int>::max() - 2, 0, {6, 6}}, mask, kRed);
  EXPECT_TRUE(sheet.drawn() == (Region{0, 0, {1, 1}}));
}

TEST(Canvas, A_label_stands_above_its_box_in_letters_that_can_be_read) {
  Sheet sheet(640, 480);
  sheet.canvas().label({{100, 200}, {300, 400}}, "person 92%", kRed);
  const Region drawn = sheet.drawn();
  EXPECT_EQ(drawn.x, 100);
  EXPECT_EQ(drawn.y + drawn.size.height, 200);
  EXPECT_GT(drawn.size.height, 12);
  EXPECT_GT(drawn.size.width, 80);
  bool white = false;
  for (int y = drawn.y; y < 200; ++y) {
    for (int x = 100; x < 200; ++x) white |= sheet.at(x, y).green > 220;
  }
  EXPECT_TRUE(white);
}

TEST(Canvas, A_label_stays_in_the_picture) {
  Sheet at_the_top(640, 480);
  at_the_top.canvas().label({{100, 3}, {300, 400}}, "person", kRed);
  EXPECT_EQ(at_the_top.drawn().y, 3);
  Sheet at_the_right(640, 480);
  at_the_right.canvas().label({{630, 200}, {1e9, 400}}, "person", kRed);
  const Region drawn = at_the_right.drawn();
  EXPECT_EQ(drawn.x + drawn.size.width, 640);
  Sheet narrow(20, 480);
  narrow.canvas().label({{5, 200}, {15, 400}}, std::string(1'000'000, 'W'), kRed);
  EXPECT_EQ(narrow.drawn().x, 0);
  EXPECT_EQ(narrow.drawn().size.width, 20);
}

TEST(Canvas, A_letter_without_a_glyph_leaves_no_gap) {
  Sheet one(640, 480);
  Sheet two(640, 480);
  one.canvas().label({{100, 200}, {300, 400}}, "Kürbis 猫", kRed);
  two.canvas().label({{100, 200}, {300, 400}}, "Kurbis ?", kRed);
  EXPECT_TRUE(one.drawn() == two.drawn());
}

TEST(Canvas, What_is_no_number_or_elsewhere_draws_nothing) {
  Sheet sheet(100, 100);
  Canvas canvas = sheet.canvas();
  const std::vector<double> wild{kNaN, kInfinity, -kInfinity, 1e300, -1e300, 2e9, -2e9, 200, -50};
  for (const double x : wild) {
    for (const double y : wild) {
      canvas.dot({x, y}, kRed);
      canvas.label({{x, y}, {x, y}}, "far", kRed);
      canvas.box({{x, y}, {x, y}}, kRed);
      canvas.line({x, y}, {x, y}, kRed);
      canvas.box({{kNaN, x}, {y, 10}}, kRed);
      canvas.line({10, 10}, {kNaN, y}, kRed);
      canvas.line({10, 10}, {x, kInfinity}, kRed);
    }
  }
  EXPECT_TRUE(sheet.untouched());
  // Wherever these go, they end.
  for (const double x : wild) {
    for (const double y : wild) {
      canvas.line({10, 10}, {x, y}, kRed);
      canvas.box({{10, 10}, {x, y}}, kRed);
      canvas.label({{10, 10}, {x, y}}, "near", kRed);
    }
  }
  EXPECT_FALSE(sheet.untouched());
}

TEST(Canvas, A_picture_of_one_pixel_can_be_drawn_on) {
  Sheet sheet(1, 1);
  Canvas canvas = sheet.canvas();
  canvas.line({0, 0}, {1, 1}, kRed);
  canvas.dot({0.5, 0.5}, kRed);
  canvas.label({{0, 0}, {1, 1}}, "a", kRed);
  canvas.box({{0, 0}, {1, 1}}, kRed);
  EXPECT_EQ(sheet.at(0, 0), kRed);
}

}  // namespace
}  // namespace npu::media
