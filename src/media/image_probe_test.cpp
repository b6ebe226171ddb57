#include "media/image_probe.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/samples_test_support.hpp"

namespace npu::media {
namespace {

using namespace std::string_literals;

TEST(ImageProbe, Sizes_are_read_from_the_header) {
  for (const auto name : kOneOfEach) {
    const auto info = probe_image(sample(name));
    ASSERT_TRUE(info) << name << ": " << info.error().message;
    EXPECT_EQ(info->width, 32U) << name;
    EXPECT_EQ(info->height, 24U) << name;
    EXPECT_TRUE(name.starts_with(name_of(info->format))) << name;
  }
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

  const std::string exif = "EXIF\x1a\0\0\0"s +
                           "MM\0\x2a\0\0\0\x08"
                           "\0\x01"
                           "\x01\x12\0\x03\0\0\0\x01\0\x03\0\0"
                           "\0\0\0\0"s;
  auto webp = sample("webp_lossy.webp");
  webp.insert(webp.end(), std::as_bytes(std::span(exif)).begin(),
              std::as_bytes(std::span(exif)).end());
  const auto of_webp = probe_image(webp);
  ASSERT_TRUE(of_webp) << of_webp.error().message;
  EXPECT_EQ(of_webp->orientation, 3);
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

}  // namespace
}  // namespace npu::media
