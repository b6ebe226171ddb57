#include "media/image_decode.hpp"

#include <string>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "media/image_probe.hpp"
#include "media/png_encode.hpp"

namespace npu::media {
namespace {

// 8x6, red on the left, blue on the right, BGR as OpenCV wants it.
cv::Mat picture() {
  cv::Mat mat(6, 8, CV_8UC3, cv::Scalar(0, 0, 200));
  mat.colRange(4, 8).setTo(cv::Scalar(200, 0, 0));
  return mat;
}

std::vector<std::uint8_t> encoded(const char* extension) {
  std::vector<std::uint8_t> bytes;
  EXPECT_TRUE(cv::imencode(extension, picture(), bytes));
  return bytes;
}

std::span<const std::byte> bytes_of(const std::vector<std::uint8_t>& data) {
  return std::as_bytes(std::span(data));
}

TEST(ImageDecode, Every_format_gives_rgb) {
  for (const char* extension : {".png", ".jpg", ".webp", ".bmp", ".tiff"}) {
    const auto image = decode_image(bytes_of(encoded(extension)));
    ASSERT_TRUE(image) << extension << ": " << image.error().message;
    EXPECT_EQ(image->width(), 8);
    EXPECT_EQ(image->height(), 6);
    EXPECT_NEAR(image->pixels()[0], 200, 20) << extension;
    EXPECT_NEAR(image->pixels()[2], 0, 20) << extension;
    EXPECT_NEAR(image->pixels()[7 * 3], 0, 20) << extension;
    EXPECT_NEAR(image->pixels()[7 * 3 + 2], 200, 20) << extension;
  }
}

TEST(ImageDecode, Every_truncation_is_malformed) {
  for (const char* extension : {".png", ".jpg", ".webp", ".bmp", ".tiff"}) {
    const auto whole = encoded(extension);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto image = decode_image(bytes_of(whole).subspan(0, size));
      if (image && std::string_view(extension) == ".tiff")
        continue;  // trailing tags may be optional
      ASSERT_FALSE(image) << extension << " cut to " << size << " of " << whole.size();
      EXPECT_EQ(image.error().code, ErrorCode::kMalformed) << extension << " " << size;
    }
  }
}

TEST(ImageDecode, Too_many_pixels_are_refused_before_decoding) {
  const auto png = encoded(".png");
  EXPECT_TRUE(decode_image(bytes_of(png), {.max_pixels = 48}));
  const auto refused = decode_image(bytes_of(png), {.max_pixels = 47});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(refused.error().message.find("8 x 6"), std::string::npos);
}

TEST(ImageDecode, A_bomb_is_known_by_its_header) {
  auto png = encoded(".png");
  for (const std::size_t at : {16, 17, 18, 19, 20, 21, 22, 23}) png[at] = at % 4 == 0 ? 0x7f : 0xff;
  const auto refused = decode_image(bytes_of(png));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(ImageDecode, What_is_not_a_picture_is_malformed) {
  for (const std::string text : {"", "hello", "GIF89a\x01\x01", "BM", "\xff\xd8\xff",
                                 "RIFF....WEBP", "<svg xmlns='http://www.w3.org/2000/svg'/>"}) {
    const auto image = decode_image(std::as_bytes(std::span(text)));
    ASSERT_FALSE(image) << text;
    EXPECT_EQ(image.error().code, ErrorCode::kMalformed) << text;
  }
}

TEST(ImageDecode, The_exif_orientation_counts_only_when_asked_for) {
  auto jpeg = encoded(".jpg");
  // APP1 with one tag: orientation 6, a quarter turn clockwise.
  const std::string exif(
      "\xff\xe1\x00\x22"
      "Exif\0\0"
      "MM\0\x2a\0\0\0\x08"
      "\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
      "\0\0\0\0",
      36);
  jpeg.insert(jpeg.begin() + 2, exif.begin(), exif.end());
  const auto stored = decode_image(bytes_of(jpeg));
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->width(), 8);
  const auto turned = decode_image(bytes_of(jpeg), {.apply_orientation = true});
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->width(), 6);
}

TEST(ImageDecode, A_png_that_we_encode_comes_back_exactly) {
  Image image(5, 4, 3);
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    image.pixels()[i] = static_cast<std::uint8_t>(i * 37);
  }
  const auto png = encode_png(image);
  ASSERT_TRUE(png);
  const auto back = decode_image(std::as_bytes(std::span(*png)));
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::ranges::equal(back->pixels(), image.pixels()));
}

TEST(ImageDecode, Grey_sixteen_bit_png_keeps_its_values) {
  const std::vector<std::uint16_t> values{0, 1, 256, 65535};
  const auto png = encode_png16(2, 2, values);
  ASSERT_TRUE(png);
  const std::vector<std::uint8_t> bytes(png->begin(), png->end());
  const cv::Mat back = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
  ASSERT_EQ(back.type(), CV_16UC1);
  EXPECT_EQ(back.at<std::uint16_t>(0, 0), 0);
  EXPECT_EQ(back.at<std::uint16_t>(1, 0), 256);
  EXPECT_EQ(back.at<std::uint16_t>(1, 1), 65535);
}

}  // namespace
}  // namespace npu::media
