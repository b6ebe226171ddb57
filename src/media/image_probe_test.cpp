#include "media/image_probe.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/image_decode.hpp"
#include "media/samples_of_test.hpp"

namespace npu::media {
namespace {

TEST(ImageProbe, Sizes_are_read_from_the_header) {
  for (const auto name : kOneOfEach) {
    const auto info = probe_image(sample(name));
    ASSERT_TRUE(info) << name << ": " << info.error().message;
    EXPECT_EQ(info->width, 32U) << name;
    EXPECT_EQ(info->height, 24U) << name;
    EXPECT_TRUE(name.starts_with(name_of(info->format))) << name;
  }
}

TEST(ImageProbe, A_jpeg_of_endless_scans_is_refused) {
  auto bytes = sample("jpeg_rgb.jpg");
  const std::string scan("\xff\xda\x00\x02", 4);
  std::string scans;
  for (int i = 0; i < 1000; ++i) scans += scan;
  const auto more = std::as_bytes(std::span(scans));
  bytes.insert(bytes.end() - 2, more.begin(), more.end());
  const auto info = probe_image(bytes);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::kMalformed);
}

// Of EXIF data in a PNG chunk, and of a TIFF directory.
TEST(ImageProbe, The_orientation_is_read_where_the_format_keeps_it) {
  auto png = sample("png_rgb.png");
  const std::string chunk(
      "\0\0\0\x16"
      "eXIf"
      "II*\0\x08\0\0\0"
      "\x01\0"
      "\x12\x01\x03\0\x01\0\0\0\x08\0\0\0"
      "CRC.",
      34);
  const auto bytes = std::as_bytes(std::span(chunk));
  png.insert(png.begin() + 33, bytes.begin(), bytes.end());  // after the header
  const auto of_png = probe_image(png);
  ASSERT_TRUE(of_png) << of_png.error().message;
  EXPECT_EQ(of_png->orientation, 8);

  auto tiff = sample("tiff_rgb16.tiff");
  const std::string upright("\x12\x01\x03\0\x01\0\0\0\x01\0", 10);
  const auto entry = std::ranges::search(tiff, std::as_bytes(std::span(upright)));
  ASSERT_FALSE(entry.empty());
  entry[8] = std::byte{6};
  const auto of_tiff = probe_image(tiff);
  ASSERT_TRUE(of_tiff);
  EXPECT_EQ(of_tiff->orientation, 6);
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
  for (const std::string& name : sample_names()) {
    const auto whole = sample(name);
    for (int round = 0; round < 100; ++round) {
      auto bytes = whole;
      for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      const auto image = decode_image(bytes, {.max_pixels = 100'000});
      if (image) {
        EXPECT_LE(image->pixels().size(), 300'000U);
      }
    }
  }
}

}  // namespace
}  // namespace npu::media
