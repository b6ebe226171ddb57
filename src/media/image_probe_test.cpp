#include "media/image_probe.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "media/image_decode.hpp"

namespace npu::media {
namespace {

TEST(ImageProbe, Sizes_are_read_from_the_header) {
  cv::Mat mat(3, 300, CV_8UC3, cv::Scalar(1, 2, 3));
  for (const char* extension : {".png", ".jpg", ".webp", ".bmp", ".tiff"}) {
    std::vector<std::uint8_t> bytes;
    ASSERT_TRUE(cv::imencode(extension, mat, bytes));
    const auto info = probe_image(std::as_bytes(std::span(bytes)));
    ASSERT_TRUE(info) << extension << ": " << info.error().message;
    EXPECT_EQ(info->width, 300U) << extension;
    EXPECT_EQ(info->height, 3U) << extension;
  }
}

TEST(ImageProbe, A_jpeg_of_endless_scans_is_refused) {
  std::vector<std::uint8_t> bytes;
  ASSERT_TRUE(cv::imencode(".jpg", cv::Mat(8, 8, CV_8UC3, cv::Scalar(9, 9, 9)), bytes));
  const std::string scan("\xff\xda\x00\x02", 4);
  for (int i = 0; i < 1000; ++i) bytes.insert(bytes.end() - 2, scan.begin(), scan.end());
  const auto info = probe_image(std::as_bytes(std::span(bytes)));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::kMalformed);
}

TEST(ImageProbe, A_small_tiff_of_huge_tiles_is_refused) {
  const auto tiff = [](char side_high) {
    const auto entry = [](char tag, char high) {
      return std::string{tag, 1, 4, 0, 1, 0, 0, 0, 8, high, 0, 0};
    };
    return std::string("II*\0\x08\0\0\0\x04\0", 10) + entry(0, 0) + entry(1, 0) +
           entry(0x42, side_high) + entry(0x43, side_high) + std::string(4, '\0');
  };
  const auto probe = [](const std::string& file) {
    return probe_image(std::as_bytes(std::span(file)));
  };
  EXPECT_TRUE(probe(tiff(1)));
  EXPECT_FALSE(probe(tiff(0x7f)));
}

// OpenCV would give this to its DICOM decoder, which aborts on it.
TEST(ImageProbe, A_webp_that_libwebp_refuses_is_refused_before_decoding) {
  std::string file("RIFF\x98\0\0\0WEBPVP8 \x2a\xb0\x01\0\x40\0\0\x9d\x01\x2a\x10\0\x0c\0", 30);
  file.resize(128);
  file += "DICM";
  file.resize(0x98 + 8);
  const auto info = probe_image(std::as_bytes(std::span(file)));
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::kMalformed);
}

// Broken in random places, nothing may be read out of bounds or decoded beyond the limit.
TEST(ImageProbe, Random_damage_does_no_harm) {
  std::mt19937 random(7);
  for (const char* extension : {".png", ".jpg", ".webp", ".bmp", ".tiff"}) {
    std::vector<std::uint8_t> whole;
    ASSERT_TRUE(cv::imencode(extension, cv::Mat(9, 11, CV_8UC3, cv::Scalar(40, 80, 160)), whole));
    for (int round = 0; round < 300; ++round) {
      auto bytes = whole;
      for (int i = 0; i < 3; ++i)
        bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
      const auto image = decode_image(std::as_bytes(std::span(bytes)), {.max_pixels = 100'000});
      if (image) {
        EXPECT_LE(image->pixels().size(), 300'000U);
      }
    }
  }
}

}  // namespace
}  // namespace npu::media
