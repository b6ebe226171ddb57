// Pictures as they come from the world. The oracle of what is opened and what is not: Pillow 9.4
// with libjpeg-turbo 2.1, libwebp 1.2 and its own PNG and GIF readers, which opened each of those
// that are opened here.
#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "media/image_decode.hpp"
#include "media/image_probe.hpp"
#include "media/samples_test_support.hpp"

namespace npu::media {
namespace {

using namespace std::string_literals;
using File = std::vector<std::byte>;

File file_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

File inserted(File file, std::size_t at, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin(), bytes.end());
  return file;
}

// Where text stands in the file, from `from` on.
std::size_t find(const File& file, std::string_view text, std::size_t from = 0) {
  const auto found =
      std::ranges::search(std::span(file).subspan(from), std::as_bytes(std::span(text)));
  EXPECT_FALSE(found.empty());
  return static_cast<std::size_t>(found.data() - file.data());
}

std::string message_of(std::string_view text) {
  const auto image = decode_image(file_of(text));
  EXPECT_FALSE(image);
  EXPECT_TRUE(image || image.error().code == ErrorCode::kMalformed);
  return image ? "" : image.error().message;
}

void expect_same(const File& file, std::string_view name, std::string_view what) {
  const auto whole = decode_image(sample(name));
  const auto image = decode_image(file);
  ASSERT_TRUE(image) << name << " " << what << ": " << image.error().message;
  EXPECT_TRUE(std::ranges::equal(image->pixels(), whole->pixels())) << name << " " << what;
}

void expect_cut_off(const File& file, std::string_view what) {
  const auto image = decode_image(file);
  ASSERT_FALSE(image) << what;
  EXPECT_EQ(image.error().code, ErrorCode::kMalformed);
  EXPECT_NE(image.error().message.find("truncated"), std::string::npos) << image.error().message;
}

constexpr std::string_view kJpegs[] = {"jpeg_rgb.jpg", "jpeg_420_progressive.jpg", "jpeg_grey.jpg"};

TEST(ImageDamage, Junk_between_the_segments_of_a_jpeg_is_skipped) {
  for (const auto name : kJpegs) {
    const auto whole = sample(name);
    const std::size_t table = find(whole, "\xff\xdb");
    for (const auto& junk : {" "s, "\0\0"s, std::string(608, ' '), "\xff\xff"s}) {
      expect_same(inserted(whole, table, junk), name, "junk");
    }
  }
}

TEST(ImageDamage, A_jpeg_needs_no_end_marker) {
  for (const auto name : kJpegs) {
    auto file = sample(name);
    file.resize(file.size() - 2);
    expect_same(file, name, "no end");
    expect_same(inserted(file, file.size(), std::string(64, '\0')), name, "zeros");
    expect_same(inserted(file, file.size(), "\0\0\1\x0a\x0eImage_UTC_Data"s), name, "trailer");
  }
}

TEST(ImageDamage, A_marker_in_the_scan_of_a_jpeg_spoils_pixels_only) {
  for (const char* marker : {"\xff\xfe", "\xff\x01"}) {
    auto file = sample("jpeg_rgb.jpg");
    std::memcpy(file.data() + file.size() - 40, marker, 2);
    const auto image = decode_image(file);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->width(), 32);
  }
}

// Also between two scans, where each scan that is there is whole.
TEST(ImageDamage, A_progressive_jpeg_without_its_last_scans_is_truncated) {
  const auto whole = sample("jpeg_420_progressive.jpg");
  int scans = 0;
  const std::string_view scan("\xff\xda");
  for (std::size_t at = find(whole, scan) + 2;; ++scans) {
    const auto next =
        std::ranges::search(std::span(whole).subspan(at), std::as_bytes(std::span(scan)));
    if (next.empty()) break;
    const auto end = static_cast<std::size_t>(next.data() - whole.data());
    expect_cut_off({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(end)}, "scans");
    at = end + 2;
  }
  EXPECT_GE(scans, 3);
}

// What shows all pixels may lack the rest; a TIFF has its directory, and with it all, at the end.
TEST(ImageDamage, Every_other_truncation_is_an_error) {
  for (const auto name : kOneOfEach) {
    const auto whole = sample(name);
    const auto pixels = decode_image(whole);
    ASSERT_TRUE(pixels) << name;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto image = decode_image(std::span(whole).first(size));
      if (image) {
        EXPECT_LT(whole.size() - size, 64U) << name;
        EXPECT_TRUE(std::ranges::equal(image->pixels(), pixels->pixels())) << name << " " << size;
      } else {
        EXPECT_EQ(image.error().code, ErrorCode::kMalformed) << name << " " << size;
      }
    }
  }
}

std::string chunk(std::string_view name, std::string_view data) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(data.size() >> shift);
  return out.append(name).append(data) + "CRC.";
}

TEST(ImageDamage, Chunks_of_a_png_beside_the_pixels_do_not_matter) {
  for (const std::string_view name : {"png_rgb.png", "png_palette.png", "png_interlaced.png"}) {
    const auto whole = sample(name);
    const std::size_t pixels = find(whole, "IDAT") - 4;
    for (const auto& extra :
         {chunk("eXIf", ""), chunk("eXIf", "II*"), chunk("iCCP", "broken"), chunk("tRNS", ""),
          chunk("tEXt", "Comment\0" + std::string(17 << 20, 'x')), chunk("zTXt", "k\0\0junk"s)}) {
      expect_same(inserted(whole, pixels, extra), name, extra.substr(4, 4));
    }
    const File endless(whole.begin(), whole.end() - 12);
    expect_same(endless, name, "no IEND");
    expect_same(inserted(endless, endless.size(), std::string(40, '\0')), name, "zeros");
  }
}

TEST(ImageDamage, Other_formats_need_nothing_behind_their_pixels) {
  auto gif = sample("gif_plain.gif");
  gif.resize(gif.size() - 2);  // the empty block and the trailer
  expect_same(gif, "gif_plain.gif", "no trailer");
  auto bmp = sample("bmp_rle.bmp");
  bmp.resize(bmp.size() - 2);  // "end of bitmap" behind the last row
  expect_same(bmp, "bmp_rle.bmp", "no end");
  for (const std::string_view name : {"webp_lossy.webp", "bmp_24.bmp", "gif_plain.gif",
                                      "pnm_binary.ppm", "pnm_plain.ppm", "tiff_lzw.tiff"}) {
    expect_same(inserted(sample(name), sample(name).size(), " and more"), name, "more");
  }
}

TEST(ImageDamage, The_first_picture_of_a_gif_lies_on_its_canvas) {
  // Of 3 x 2 pixels at 2, 1 of 8 x 6; the numbers 2 and 3 by turns, 2 being transparent.
  const auto gif = sample("gif-part");
  const auto image = decode_image(gif);
  ASSERT_TRUE(image) << image.error().message;
  ASSERT_EQ(image->width(), 8);
  ASSERT_EQ(image->height(), 6);
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 8; ++x) {
      const bool inside = x >= 2 && x < 5 && y >= 1 && y < 3;
      const int number = inside && ((y - 1) * 3 + x - 2) % 2 == 1 ? 3 : 2;
      EXPECT_EQ(image->pixels()[static_cast<std::size_t>(y * 8 + x) * 3], 10 + number * 30)
          << x << " " << y;
    }
  }
  auto beyond = gif;
  beyond[6] = beyond[8] = std::byte{3};  // a canvas of 3 x 3, which the picture leaves
  const auto wider = decode_image(beyond);
  ASSERT_TRUE(wider) << wider.error().message;
  EXPECT_EQ(wider->width(), 5);
}

TEST(ImageDamage, What_is_not_read_is_named) {
  const std::string box("\0\0\0\x18", 4);
  EXPECT_NE(message_of(box + "ftypheic\0\0\0\0"s).find("a HEIC image"), std::string::npos);
  EXPECT_NE(message_of(box + "ftypavif\0\0\0\0"s).find("an AVIF image"), std::string::npos);
  EXPECT_NE(message_of("%PDF-1.7\n").find("a PDF document"), std::string::npos);
  EXPECT_NE(message_of("<?xml version='1.0'?>\n<svg/>").find("an SVG drawing"), std::string::npos);
  EXPECT_NE(message_of("PK\3\4").find("an office document"), std::string::npos);
  EXPECT_NE(message_of("<!DOCTYPE html><html>").find("a web page"), std::string::npos);
  EXPECT_NE(message_of("%PDF-1.7\n").find("convert it to JPEG"), std::string::npos);
  EXPECT_NE(message_of("hello").find("send JPEG"), std::string::npos);
  EXPECT_NE(message_of("").find("empty"), std::string::npos);
  for (const char* head : {"GIF89a\x01\x01", "BM", "\xff\xd8\xff", "RIFF....WEBP", "P6 1", "II*"}) {
    EXPECT_NE(message_of(head), "");
  }
}

// Broken in random places, nothing may be read out of bounds or decoded beyond the limit.
TEST(ImageDamage, Random_damage_does_no_harm) {
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
