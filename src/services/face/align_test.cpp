#include "services/face/align.hpp"

#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

namespace npu::face {
namespace {

double error_of(const Similarity& onto, const Points& from, const Points& to) {
  double squares = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const kit::Point p = onto(from[i]);
    squares += std::pow(p.x - to[i].x, 2) + std::pow(p.y - to[i].y, 2);
  }
  return squares;
}

Points moved(const Points& points, const Similarity& by) {
  Points out;
  std::ranges::transform(points, out.begin(), by);
  return out;
}

class Random {
 public:
  double operator()(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(engine_);
  }
  Similarity similarity() {
    const double angle = (*this)(-std::numbers::pi, std::numbers::pi);
    const double scale = std::exp((*this)(-4, 2));
    return {scale * std::cos(angle), scale * std::sin(angle), (*this)(-900, 900),
            (*this)(-900, 900)};
  }

 private:
  std::mt19937 engine_{1};
};

TEST(FitSimilarity, What_was_turned_moved_and_made_larger_comes_back) {
  Random random;
  for (int round = 0; round < 300; ++round) {
    const Similarity there = random.similarity();
    const auto back = fit_similarity(moved(kTemplate, there), kTemplate);
    ASSERT_TRUE(back);
    EXPECT_NEAR(error_of(*back, moved(kTemplate, there), kTemplate), 0, 1e-9);
    EXPECT_NEAR(back->scale() * there.scale(), 1, 1e-9);
  }
}

// The least of all: no other similarity near it has a smaller error.
TEST(FitSimilarity, Of_points_that_fit_nowhere_it_leaves_the_smallest_squares) {
  Random random;
  for (int round = 0; round < 100; ++round) {
    Points from;
    for (kit::Point& p : from) p = {random(0, 640), random(0, 480)};
    const auto best = fit_similarity(from, kTemplate);
    ASSERT_TRUE(best);
    const double least = error_of(*best, from, kTemplate);
    for (int other = 0; other < 50; ++other) {
      Similarity near = *best;
      near.a += random(-1e-3, 1e-3);
      near.b += random(-1e-3, 1e-3);
      near.left += random(-0.3, 0.3);
      near.top += random(-0.3, 0.3);
      EXPECT_LE(least, error_of(near, from, kTemplate) + 1e-9);
    }
  }
}

// numpy, by the singular value decomposition of Umeyama (1991), scikit-image's _umeyama():
//   from = [(205, 104), (247, 106), (223, 130), (208, 148), (241, 150)]
TEST(FitSimilarity, It_is_the_one_of_Umeyama) {
  const Points astronaut{{{205, 104}, {247, 106}, {223, 130}, {208, 148}, {241, 150}}};
  const auto onto = fit_similarity(astronaut, kTemplate);
  ASSERT_TRUE(onto);
  EXPECT_NEAR(onto->a, 0.8906676390532543, 1e-9);
  EXPECT_NEAR(onto->b, -0.04195030769230769, 1e-9);
  EXPECT_NEAR(onto->left, -149.54878452071003, 1e-7);
  EXPECT_NEAR(onto->top, -32.317981573964474, 1e-7);
}

TEST(FitSimilarity, Points_that_are_one_point_or_none_fit_nowhere) {
  Points same;
  same.fill({12, 7});
  EXPECT_FALSE(fit_similarity(same, kTemplate));
  Points far = kTemplate;
  far[2].x = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(fit_similarity(far, kTemplate));
  far[2].x = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(fit_similarity(far, kTemplate));
  far[2].x = 1e30;
  EXPECT_FALSE(fit_similarity(far, kTemplate)) << "a scale that no picture has";
}

// Brightness that rises evenly across the picture, so that every pixel says where it is from.
media::Image slope(int width, int height, double across, double down) {
  media::Image picture(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double value = 20 + across * (x + 0.5) + down * (y + 0.5);
      auto* const pixel = &picture.pixels()[static_cast<std::size_t>(3 * (y * width + x))];
      std::fill_n(pixel, 3, static_cast<std::uint8_t>(std::lround(value)));
    }
  }
  return picture;
}

int brightness(const media::Image& picture, int x, int y) {
  return picture.pixels()[static_cast<std::size_t>(3 * (y * picture.width() + x))];
}

// Faces of 30 to 900 pixels, turned: a pixel of the aligned face has the brightness of the place it
// is from. The large ones are averaged down on the way.
TEST(CutOut, Every_pixel_is_from_where_the_similarity_says) {
  constexpr int kSide = 1000;
  const media::Image picture = slope(kSide, kSide, 0.1, 0.12);
  Random random;
  for (int round = 0; round < 60; ++round) {
    const double scale = kAlignedSide / random(30, 600);
    const double angle = random(-0.6, 0.6);
    const double a = scale * std::cos(angle);
    const double b = scale * std::sin(angle);
    const Similarity onto{a, b, 56 - a * 500 + b * 500, 56 - b * 500 - a * 500};
    const media::Image face = cut_out(picture, onto);
    ASSERT_EQ(face.width(), kAlignedSide);
    const double square = scale * scale;
    for (int y = 4; y < kAlignedSide; y += 13) {
      for (int x = 4; x < kAlignedSide; x += 13) {
        const double u = x + 0.5 - onto.left;
        const double v = y + 0.5 - onto.top;
        const double from_x = (a * u + b * v) / square;
        const double from_y = (a * v - b * u) / square;
        EXPECT_NEAR(brightness(face, x, y), 20 + 0.1 * from_x + 0.12 * from_y, 1.6)
            << x << " " << y << " scale " << scale;
      }
    }
  }
}

TEST(CutOut, Beside_the_picture_it_is_black) {
  media::Image white(50, 40, 3);
  std::ranges::fill(white.pixels(), std::uint8_t{255});
  const media::Image half = cut_out(white, {1, 0, 60, 0});
  EXPECT_EQ(brightness(half, 20, 10), 0);
  EXPECT_EQ(brightness(half, 80, 10), 255);
  EXPECT_EQ(brightness(half, 80, 60), 0);
  for (const Similarity& far : {Similarity{1, 0, 1e7, 0}, Similarity{1, 0, -1e7, 1e9},
                                Similarity{1e-3, 0, 300, 0}, Similarity{999, 0, 0, 1e8}}) {
    const media::Image nothing = cut_out(white, far);
    EXPECT_TRUE(std::ranges::all_of(nothing.pixels(), [](auto value) { return value == 0; }));
  }
}

TEST(SquareOf, A_box_lies_in_the_middle_of_its_square) {
  const Similarity onto = square_of({{100, 50}, {140, 130}});
  EXPECT_EQ(onto({120, 90}), (kit::Point{56, 56}));
  EXPECT_NEAR(onto({120, 50}).y, 0, 1e-9);
  EXPECT_NEAR(onto({120, 130}).y, 112, 1e-9);
  EXPECT_GT(square_of({{5, 5}, {5, 5}}).scale(), 0);
}

}  // namespace
}  // namespace npu::face
