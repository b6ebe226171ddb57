#include "media/resize.hpp"

#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/deflate.hpp"
#include "media/resize_bicubic_golden.hpp"
#include "media/resize_golden.hpp"

namespace npu::media {
namespace {

using ::testing::ElementsAreArray;

std::vector<std::uint8_t> noise(std::size_t count) {
  std::vector<std::uint8_t> out(count);
  std::uint32_t x = 1;
  for (auto& value : out) {
    x = x * 1664525U + 1013904223U;
    value = static_cast<std::uint8_t>(x >> 24);
  }
  return out;
}

TEST(Resize, Bytes_equal_those_of_Pillow) {
  for (const ResizeCase& c : kResizeCases) {
    Image source(c.in_width, c.in_height, 3);
    std::ranges::copy(noise(source.pixels().size()), source.pixels().begin());
    const Image result = resize(source, c.out_width, c.out_height);
    EXPECT_THAT(std::as_const(result).pixels(), ElementsAreArray(c.rgb))
        << c.in_width << "x" << c.in_height << " to " << c.out_width << "x" << c.out_height;
  }
}

TEST(Resize, Bicubic_bytes_equal_those_of_Pillow) {
  for (const BicubicCase& c : kBicubicCases) {
    for (const int channels : {3, 1}) {
      Image source(c.in_width, c.in_height, channels);
      std::ranges::copy(noise(source.pixels().size()), source.pixels().begin());
      const Image result = resize(source, c.out_width, c.out_height, Resample::kBicubic);
      EXPECT_EQ(crc32(0, std::as_bytes(std::as_const(result).pixels())),
                channels == 3 ? c.rgb : c.grey)
          << c.in_width << "x" << c.in_height << " to " << c.out_width << "x" << c.out_height;
    }
  }
}

TEST(Resize, A_part_has_the_pixels_of_the_whole) {
  const std::size_t kStride = 100;
  for (const Resample how : {Resample::kBilinear, Resample::kBicubic}) {
    for (const Size whole : {Size{20, 30}, Size{9, 7}, Size{13, 11}, Size{13, 40}, Size{26, 11}}) {
      Image source(13, 11, 3);
      std::ranges::copy(noise(source.pixels().size()), source.pixels().begin());
      const Image all = resize(source, whole.width, whole.height, how);
      std::vector<std::uint8_t> part(kStride * 4);
      resize_into(source, {whole, {3, 2, {5, 4}}, how}, part, kStride);
      for (std::size_t y = 0; y < 4; ++y) {
        const auto at = Image::bytes_of(whole.width, static_cast<int>(y) + 2, 3) + 9;
        EXPECT_TRUE(std::ranges::equal(all.pixels().subspan(at, 15),
                                       std::span(part).subspan(y * kStride, 15)))
            << whole.width << "x" << whole.height << ", row " << y;
      }
    }
  }
}

TEST(Resize, A_part_of_a_huge_whole_takes_only_its_own_work) {
  const Image source(65535, 1, 3);
  std::vector<std::uint8_t> part(64 * 64 * 3);
  resize_into(source, {{65535 * 64, 64}, {2'000'000, 0, {64, 64}}}, part, 64 * 3);
}

TEST(Resize, Floats_equal_those_of_Pillow) {
  for (const ResizeCase& c : kResizeCases) {
    FloatMap source{c.in_width, c.in_height, {}};
    for (const auto byte : noise(static_cast<std::size_t>(c.in_width * c.in_height))) {
      source.values.push_back(static_cast<float>(byte) / 7.0F);
    }
    const FloatMap result = resize(source, c.out_width, c.out_height);
    EXPECT_EQ(result.width, c.out_width);
    EXPECT_THAT(result.values, ElementsAreArray(c.values))
        << c.in_width << "x" << c.in_height << " to " << c.out_width << "x" << c.out_height;
  }
}

TEST(Resize, Reducing_averages_squares_and_what_is_left_of_them) {
  Image source(5, 3, 1);
  std::iota(source.pixels().begin(), source.pixels().end(), std::uint8_t{0});
  const Image half = reduce(source, 2);
  ASSERT_EQ(half.width(), 3);
  ASSERT_EQ(half.height(), 2);
  // As Pillow's Image.reduce(2): (0 + 1 + 5 + 6) / 4, ..., (4 + 9) / 2, (10 + 11) / 2, ...
  EXPECT_THAT(half.pixels(), ::testing::ElementsAre(3, 5, 7, 11, 13, 14));
  Image white(300, 130, 3);
  std::ranges::fill(white.pixels(), std::uint8_t{255});
  const Image small = reduce(white, 64);
  EXPECT_EQ(small.width(), 5);
  EXPECT_TRUE(std::ranges::all_of(small.pixels(), [](int v) { return v == 255; }));
}

TEST(Resize, Grey_and_colour_pictures_agree) {
  Image grey(9, 8, 1);
  Image colour(9, 8, 3);
  const auto samples = noise(72);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    grey.pixels()[i] = samples[i];
    for (std::size_t c = 0; c < 3; ++c) colour.pixels()[i * 3 + c] = samples[i];
  }
  const Image small_grey = resize(grey, 4, 3);
  const Image small_colour = resize(colour, 4, 3);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(small_grey.pixels()[i], small_colour.pixels()[i * 3 + 1]);
  }
}

TEST(Resize, A_flat_picture_stays_flat) {
  Image source(1000, 3, 3);
  std::ranges::fill(source.pixels(), 255);
  for (const auto value : std::as_const(source).pixels()) ASSERT_EQ(value, 255);
  const Image result = resize(source, 7, 70);
  for (const auto value : std::as_const(result).pixels()) ASSERT_EQ(value, 255);
}

}  // namespace
}  // namespace npu::media
