#include "services/kit/picture_input.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/deflate.hpp"
#include "services/kit/picture_input_golden.hpp"

namespace npu::kit {
namespace {

// Samples of media/resize_golden.hpp, as a PNM file.
std::string noise_picture(int width, int height) {
  std::string file = "P6 " + std::to_string(width) + " " + std::to_string(height) + " 255\n";
  std::uint32_t x = 1;
  for (int i = 0; i < width * height * 3; ++i) {
    x = x * 1664525U + 1013904223U;
    file += static_cast<char>(x >> 24);
  }
  return file;
}

TEST(PictureInput, Fits_as_Pillow_does) {
  for (const FitCase& c : kFitCases) {
    const std::string file = noise_picture(c.width, c.height);
    std::vector<std::uint8_t> out(media::Image::bytes_of(c.in_width, c.in_height, 3));
    const auto placed = decode_fitted(std::as_bytes(std::span(file)), {}, {c.fit, c.resample},
                                      {c.in_width, c.in_height}, out);
    ASSERT_TRUE(placed) << placed.error().message;
    EXPECT_EQ(placed->picture, (media::Size{c.width, c.height}));
    EXPECT_EQ(media::crc32(0, std::as_bytes(std::span(out))), c.crc)
        << c.width << "x" << c.height << " in " << c.in_width << "x" << c.in_height << ", "
        << (c.fit == Fit::kCrop ? "crop" : "letterbox")
        << (c.resample == Resample::kBicubic ? ", bicubic" : "");
  }
}

TEST(PictureInput, A_letterbox_lies_in_the_middle_and_a_crop_stands_out_on_both_sides) {
  const Placement box = place({1920, 1080}, {640, 640}, Fit::kLetterbox);
  EXPECT_EQ(box.resized, (media::Size{640, 360}));
  EXPECT_EQ(box.left, 0);
  EXPECT_EQ(box.top, 140);
  EXPECT_EQ(box.to_picture(Point{320, 320}), (Point{960, 540}));
  const Placement crop = place({1920, 1080}, {336, 336}, Fit::kCrop);
  EXPECT_EQ(crop.resized, (media::Size{597, 336}));
  EXPECT_EQ(crop.left, -130);
  EXPECT_EQ(crop.top, 0);
}

TEST(PictureInput, The_way_back_is_the_exact_inverse) {
  for (const Fit fit : {Fit::kStretch, Fit::kLetterbox, Fit::kCrop}) {
    for (const media::Size picture :
         {media::Size{1, 1}, media::Size{4000, 3000}, media::Size{17, 641}, media::Size{65535, 2},
          media::Size{3, 50000}}) {
      const Placement placed = place(picture, {640, 480}, fit);
      for (const double share : {0.0, 0.1, 0.5, 0.99, 1.0}) {
        const Point point{picture.width * share, picture.height * (1 - share)};
        const Point back = placed.to_picture(placed.to_input(point));
        EXPECT_NEAR(back.x, point.x, 1e-6 * picture.width);
        EXPECT_NEAR(back.y, point.y, 1e-6 * picture.height);
      }
    }
  }
}

TEST(PictureInput, Boxes_are_clipped_to_the_picture) {
  const Placement box = place({100, 50}, {64, 64}, Fit::kLetterbox);
  EXPECT_EQ(box.to_picture(Box{{-5, 0}, {64, 64}}), (Box{{0, 0}, {100, 50}}));
}

TEST(PictureInput, The_thinnest_pictures_take_no_more_than_others) {
  for (const auto& [width, height] : {std::pair{65535, 1}, std::pair{1, 65535}}) {
    const std::string file = noise_picture(width, height);
    std::vector<std::uint8_t> out(media::Image::bytes_of(640, 640, 3));
    for (const Fit fit : {Fit::kLetterbox, Fit::kCrop}) {
      EXPECT_TRUE(decode_fitted(std::as_bytes(std::span(file)), {}, {fit}, {640, 640}, out));
    }
  }
}

TEST(PictureInput, What_is_no_picture_is_refused) {
  std::vector<std::uint8_t> out(3);
  const std::string file = "hello";
  EXPECT_EQ(decode_fitted(std::as_bytes(std::span(file)), {}, {}, {1, 1}, out).error().code,
            ErrorCode::kMalformed);
}

TEST(Placement, In_the_corner_nothing_lies_above_or_left) {
  const Placement corner = place({1920, 1080}, {416, 416}, Fit::kCorner);
  EXPECT_EQ(corner.resized, (media::Size{416, 234}));
  EXPECT_EQ(corner.to_picture(Point{0, 0}), (Point{0, 0}));
  EXPECT_EQ(corner.to_picture(Point{416, 234}), (Point{1920, 1080}));
}

}  // namespace
}  // namespace npu::kit
