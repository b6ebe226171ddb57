#include "vision/mask_field.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::vision {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// The field at a point, computed plainly.
double value_at(const MaskField& field, double x, double y) {
  const double u = std::clamp((x - field.left) / field.step_x - 0.5, 0.0, field.columns - 1.0);
  const double v = std::clamp((y - field.top) / field.step_y - 0.5, 0.0, field.rows - 1.0);
  const int left = static_cast<int>(u);
  const int top = static_cast<int>(v);
  const auto sample = [&](int column, int row) {
    column = std::min(column, field.columns - 1);
    row = std::min(row, field.rows - 1);
    return static_cast<double>(field.values[static_cast<std::size_t>(column * field.rows + row)]);
  };
  const double above = sample(left, top) * (left + 1 - u) + sample(left + 1, top) * (u - left);
  const double below =
      sample(left, top + 1) * (left + 1 - u) + sample(left + 1, top + 1) * (u - left);
  return above * (top + 1 - v) + below * (v - top);
}

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  float share(float from = 0, float to = 1) {
    return std::uniform_real_distribution<float>(from, to)(engine_);
  }
  int whole(int from, int to) { return std::uniform_int_distribution(from, to)(engine_); }

 private:
  std::mt19937 engine_;
};

MaskField random_field(Random& random) {
  MaskField field{.columns = random.whole(1, 12), .rows = random.whole(1, 12)};
  field.left = random.share(-10, 20);
  field.top = random.share(-10, 20);
  field.step_x = random.share(0.5F, 6);
  field.step_y = random.share(0.5F, 6);
  field.values.resize(static_cast<std::size_t>(field.columns * field.rows));
  for (float& value : field.values) value = random.share();
  return field;
}

// Pictures larger than the field and smaller, fields that reach beyond both.
TEST(PixelsInside, Each_pixel_is_inside_where_the_field_is_above_one_half_at_its_middle) {
  Random random(7);
  for (int round = 0; round < 400; ++round) {
    const MaskField field = random_field(random);
    const PictureInInput where{{random.whole(1, 90), random.whole(1, 90)},
                               random.share(-5, 5),
                               random.share(-5, 5),
                               random.share(0.1F, 3),
                               random.share(0.1F, 3)};
    const float x = random.share(-5, 60);
    const float y = random.share(-5, 60);
    const Box box{x, y, x + random.share(0, 80), y + random.share(0, 80)};
    const Rle mask = pixels_inside(field, box, where);
    const auto [width, height] = where.picture;
    const auto pixels = pixels_of(mask, {0, 0, where.picture}, 1);
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        const double at_x = where.left + (column + 0.5) * where.scale_x;
        const double at_y = where.top + (row + 0.5) * where.scale_y;
        const double value = value_at(field, at_x, at_y);
        if (std::abs(value - 0.5) < 1e-4) continue;  // rounding decides
        const bool in_box =
            at_x >= box.left && at_x < box.right && at_y >= box.top && at_y < box.bottom;
        ASSERT_EQ(pixels[static_cast<std::size_t>(row * width + column)] != 0,
                  in_box && value > 0.5)
            << round << ": " << column << ", " << row << " is " << value;
      }
    }
  }
}

TEST(PixelsInside, A_box_beside_the_picture_or_between_two_pixels_has_none) {
  MaskField field{.columns = 1, .rows = 1, .values = {1}};
  const PictureInInput where{{10, 10}};
  for (const Box& box : {Box{10, 0, 20, 10}, Box{-5, 0, 0, 10}, Box{0, 12, 10, 14},
                         Box{2.6F, 0, 3.4F, 10}, Box{5, 5, 5, 5}, Box{7, 7, 3, 3}}) {
    EXPECT_THAT(pixels_inside(field, box, where).counts, ElementsAre(100));
  }
  EXPECT_THAT(pixels_inside(field, {-5, -5, 50, 50}, where).counts, ElementsAre(0, 100));
  EXPECT_THAT(pixels_inside({}, {0, 0, 10, 10}, where).counts, ElementsAre(100));
}

constexpr media::Size kInput{32, 16};
const std::array<std::int64_t, 3> kPlanes{2, 4, 8};
const std::array<std::int64_t, 3> kInterleaved{4, 8, 2};

TEST(Prototypes, Are_summed_by_the_coefficients_whichever_way_they_lie) {
  Random random(3);
  std::vector<float> planes(2 * 4 * 8);
  for (float& value : planes) value = random.share(-3, 3);
  std::vector<float> interleaved(planes.size());
  for (std::size_t i = 0; i < 32; ++i) {
    for (std::size_t k = 0; k < 2; ++k) interleaved[i * 2 + k] = planes[k * 32 + i];
  }
  const Prototypes first({kPlanes, planes}, false);
  const Prototypes last({kInterleaved, interleaved}, true);
  ASSERT_EQ(last.count(), 2U);
  const std::array coefficients{0.5F, -2.F};
  const Box everything{0, 0, 32, 16};
  const MaskField field = first.field(coefficients, everything, kInput);
  EXPECT_EQ(field.values, last.field(coefficients, everything, kInput).values);
  ASSERT_EQ(field.columns, 8);
  ASSERT_EQ(field.rows, 4);
  EXPECT_EQ(field.step_x, 4);
  for (std::size_t x = 0; x < 8; ++x) {
    for (std::size_t y = 0; y < 4; ++y) {
      const double sum = 0.5 * planes[y * 8 + x] - 2.0 * planes[32 + y * 8 + x];
      EXPECT_NEAR(field.values[x * 4 + y], 1 / (1 + std::exp(-sum)), 1e-5);
    }
  }
}

// Only what the box needs is computed, and that is all it needs.
TEST(Prototypes, A_part_gives_the_same_pixels_as_the_whole) {
  Random random(5);
  std::vector<float> planes(2 * 4 * 8);
  for (float& value : planes) value = random.share(-3, 3);
  const Prototypes prototypes({kPlanes, planes}, false);
  const std::array coefficients{1.F, 1.F};
  const PictureInInput where{{100, 50}, 0, 0, 0.32F, 0.32F};
  const MaskField whole = prototypes.field(coefficients, {0, 0, 32, 16}, kInput);
  for (int round = 0; round < 200; ++round) {
    const float x = random.share(-4, 34);
    const float y = random.share(-4, 18);
    const Box box{x, y, x + random.share(0, 20), y + random.share(0, 10)};
    const MaskField part = prototypes.field(coefficients, box, kInput);
    EXPECT_EQ(pixels_inside(part, box, where), pixels_inside(whole, box, where)) << round;
  }
}

TEST(Prototypes, What_is_no_number_is_outside) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const float value : {kNan, kInf, -kInf, 3e38F}) {
    const std::vector<float> planes(2 * 4 * 8, value);
    const Prototypes prototypes({kPlanes, planes}, false);
    for (const auto& coefficients : {std::array{1.F, -1.F}, std::array{kNan, kInf}}) {
      const MaskField field = prototypes.field(coefficients, {0, 0, 32, 16}, kInput);
      EXPECT_THAT(field.values, Each(testing::AllOf(testing::Ge(0), testing::Le(1))));
    }
  }
}

TEST(FieldOfBytes, A_byte_is_a_pixel_of_the_input_from_the_boxs_corner_on) {
  const std::array<std::uint8_t, 6> bytes{0, 1, 1, 255, 0, 0};  // 3 columns, 2 rows
  const Box box{4, 2, 7, 4};
  const MaskField field = field_of_bytes(bytes, 3, 2, box);
  const Rle mask = pixels_inside(field, box, {{10, 5}});
  EXPECT_THAT(pixels_of(mask, {4, 2, {3, 2}}, 1), ElementsAre(0, 1, 1, 1, 0, 0));
  EXPECT_EQ(area_of(mask), 3U);
}

}  // namespace
}  // namespace npu::vision
