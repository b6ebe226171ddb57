#include "vision/polygons.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::vision {
namespace {

// A mask from a question to each pixel.
template <class Inside>
Rle drawn(media::Size size, Inside inside) {
  RleBuilder builder(size);
  std::uint32_t at = 0;
  for (int x = 0; x < size.width; ++x) {
    for (int y = 0; y < size.height; ++y, ++at) {
      if (inside(x, y)) builder.add(at, at + 1);
    }
  }
  return std::move(builder).finish();
}

// Which pixels' middles are inside of a polygon, by the even-odd rule: a ray to the right.
bool encloses(const Polygon& polygon, double x, double y) {
  bool inside = false;
  for (std::size_t i = 0; i < polygon.size(); i += 2) {
    const std::size_t next = (i + 2) % polygon.size();
    const double y0 = polygon[i + 1];
    const double y1 = polygon[next + 1];
    if ((y0 > y) == (y1 > y)) continue;
    if (polygon[i] + (y - y0) / (y1 - y0) * (polygon[next] - polygon[i]) > x) inside = !inside;
  }
  return inside;
}

double filled_overlap(const Rle& mask, const std::vector<Polygon>& polygons) {
  const auto pixels = pixels_of(mask, {0, 0, mask.size}, 1);
  int both = 0;
  int either = 0;
  for (int y = 0; y < mask.size.height; ++y) {
    for (int x = 0; x < mask.size.width; ++x) {
      const bool is = pixels[static_cast<std::size_t>(y * mask.size.width + x)] != 0;
      const bool drawn = std::ranges::any_of(
          polygons, [&](const Polygon& one) { return encloses(one, x + 0.5, y + 0.5); });
      both += static_cast<int>(is && drawn);
      either += static_cast<int>(is || drawn);
    }
  }
  return static_cast<double>(both) / either;
}

TEST(Polygons, Run_along_the_outer_edges_of_the_pixels) {
  const Rle box = drawn({20, 10}, [](int x, int y) { return x >= 3 && x < 9 && y >= 2 && y < 6; });
  const auto polygons = polygons_of(box, 1);
  ASSERT_EQ(polygons.size(), 1U);
  EXPECT_EQ(polygons[0].size(), 8U);
  EXPECT_EQ(filled_overlap(box, polygons), 1);
  for (std::size_t i = 0; i < 8; i += 2) {
    EXPECT_TRUE(polygons[0][i] == 3 || polygons[0][i] == 9);
    EXPECT_TRUE(polygons[0][i + 1] == 2 || polygons[0][i + 1] == 6);
  }
}

TEST(Polygons, What_is_thin_or_a_single_pixel_has_an_outline) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(12, 1), std::pair(1, 7)}) {
    const Rle thin = drawn({20, 10}, [&](int x, int y) { return x < width && y < height; });
    EXPECT_EQ(filled_overlap(thin, polygons_of(thin, 2)), 1) << width << "x" << height;
  }
}

TEST(Polygons, Nothing_has_none) {
  EXPECT_TRUE(polygons_of(drawn({20, 10}, [](int, int) { return false; }), 1).empty());
}

TEST(Polygons, Each_part_has_its_own) {
  const Rle two = drawn(
      {40, 20}, [](int x, int y) { return (x < 10 && y < 10) || (x >= 25 && x < 38 && y >= 5); });
  const auto polygons = polygons_of(two, 1);
  EXPECT_EQ(polygons.size(), 2U);
  EXPECT_EQ(filled_overlap(two, polygons), 1);
}

TEST(Polygons, Holes_stay_holes_and_what_lies_in_them_is_a_part) {
  const Rle target = drawn({60, 60}, [](int x, int y) {
    const int far = std::max(std::abs(x - 30), std::abs(y - 30));
    return far < 6 || (far > 12 && far < 25) || (x > 20 && x < 27 && y < 20);
  });
  const auto polygons = polygons_of(target, 1);
  EXPECT_EQ(polygons.size(), 2U);
  EXPECT_GE(filled_overlap(target, polygons), 0.95);  // with the hole filled: 0.8
}

// Blobs with many holes, as networks draw them; at each tolerance what is enclosed is about what is
// inside.
TEST(Polygons, Enclose_what_is_inside) {
  std::mt19937 random(4);
  for (int round = 0; round < 20; ++round) {
    const auto wave = [&] { return std::uniform_real_distribution<double>(8, 30)(random); };
    const double a = wave();
    const double b = wave();
    const double c = wave();
    const Rle mask = drawn({200, 150}, [&](int x, int y) {
      return std::sin(x / a) + std::cos(y / b) + std::sin((x + y) / c) > 0.1;
    });
    EXPECT_GE(filled_overlap(mask, polygons_of(mask, 0)), 0.97) << round;
    EXPECT_GE(filled_overlap(mask, polygons_of(mask, 1)), 0.95) << round;
    std::size_t exact = 0;
    std::size_t loose = 0;
    for (const Polygon& one : polygons_of(mask, 0)) exact += one.size();
    for (const Polygon& one : polygons_of(mask, 1)) loose += one.size();
    EXPECT_LT(loose * 3, exact) << round;
  }
}

}  // namespace
}  // namespace npu::vision
