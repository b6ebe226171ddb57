#include "media/jpeg_encode.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "media/image_decode.hpp"

namespace npu::media {
namespace {

Image decoded(const std::string& jpeg) {
  const auto image = decode_image(std::as_bytes(std::span(jpeg)));
  EXPECT_TRUE(image) << image.error().message;
  return image.value_or(Image(1, 1, 3));
}

TEST(JpegEncode, Pixels_come_back_nearly_as_they_were) {
  Image image(37, 21, 3);
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    image.pixels()[i] = static_cast<std::uint8_t>(i / 3 % 37 * 6 + i % 3);
  }
  const auto jpeg = encode_jpeg(image);
  ASSERT_TRUE(jpeg) << jpeg.error().message;
  const Image back = decoded(*jpeg);
  ASSERT_EQ(back.width(), 37);
  ASSERT_EQ(back.height(), 21);
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    EXPECT_NEAR(back.pixels()[i], image.pixels()[i], 8) << i;
  }
}

// With the usual 4:2:0 it would be a brownish grey.
TEST(JpegEncode, A_red_line_of_one_pixel_stays_red) {
  Image image(64, 64, 3);
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    const bool on_line = i / 3 / 64 == 33;
    image.pixels()[i] = on_line ? (i % 3 == 0 ? 255 : 0) : 128;
  }
  const auto jpeg = encode_jpeg(image);
  ASSERT_TRUE(jpeg);
  const Image back = decoded(*jpeg);
  const auto pixel = back.pixels().subspan(3 * (33 * 64 + 20), 3);
  EXPECT_GT(pixel[0], 225);
  EXPECT_LT(pixel[1], 30);
  EXPECT_LT(pixel[2], 30);
}

TEST(JpegEncode, Grey_is_written_and_a_worse_quality_is_smaller) {
  Image grey(200, 100, 1);
  for (std::size_t i = 0; i < grey.pixels().size(); ++i) {
    grey.pixels()[i] = static_cast<std::uint8_t>(i * i % 251);
  }
  const auto fine = encode_jpeg(grey);
  const auto coarse = encode_jpeg(grey, 20);
  ASSERT_TRUE(fine && coarse);
  EXPECT_LT(coarse->size(), fine->size());
  EXPECT_EQ(decoded(*fine).width(), 200);
}

TEST(JpegEncode, What_no_JPEG_can_be_is_refused) {
  const auto wide = encode_jpeg(Image(65501, 1, 3));
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().code, ErrorCode::kTooLarge);
  Image widest(65500, 1, 3);
  std::ranges::fill(widest.pixels(), std::uint8_t{7});
  EXPECT_TRUE(encode_jpeg(widest));
}

}  // namespace
}  // namespace npu::media
