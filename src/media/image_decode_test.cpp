#include "media/image_decode.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/image_orient.hpp"
#include "media/resize.hpp"
#include "media/samples_test_support.hpp"

namespace npu::media {
namespace {

using Color = std::array<int, 3>;

// Of the middles of the four quarters, by rows.
constexpr std::array<Color, 4> kColors{
    {{200, 20, 20}, {20, 180, 40}, {30, 40, 210}, {240, 240, 240}}};

int at(const Image& image, int quarter, int channel) {
  const int x = quarter % 2 * 16 + 8;
  const int y = quarter / 2 * 12 + 6;
  return image
      .pixels()[static_cast<std::size_t>((y * image.width() + x) * image.channels() + channel)];
}

int grey_of(const Color& color) {
  return static_cast<int>(std::lround(0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]));
}

bool has(std::string_view name, std::string_view what) { return name.find(what) != name.npos; }

TEST(ImageDecode, Every_variant_of_every_format_gives_its_colours) {
  ASSERT_GT(sample_names().size(), 35U);
  for (const std::string& name : sample_names()) {
    const int tolerance = has(name, "jpeg") || has(name, "lossy") ? 4 : has(name, "bmp_5") ? 8 : 0;
    const auto image = decode_image(sample(name));
    ASSERT_TRUE(image) << name << ": " << image.error().message;
    ASSERT_EQ(image->width(), 32) << name;
    ASSERT_EQ(image->height(), 24) << name;
    for (int quarter = 0; quarter < 4; ++quarter) {
      const Color& color = kColors.at(static_cast<std::size_t>(quarter));
      for (int c = 0; c < 3; ++c) {
        const int truth =
            has(name, "grey") ? grey_of(color) : color.at(static_cast<std::size_t>(c));
        EXPECT_NEAR(at(*image, quarter, c), truth, tolerance) << name << " " << quarter << " " << c;
      }
    }
  }
}

TEST(ImageDecode, Every_format_gives_grey_where_it_is_asked_for) {
  for (const auto name : kOneOfEach) {
    const auto image = decode_image(sample(name), {.channels = 1});
    ASSERT_TRUE(image) << name << ": " << image.error().message;
    ASSERT_EQ(image->channels(), 1);
    for (int quarter = 0; quarter < 4; ++quarter) {
      EXPECT_NEAR(at(*image, quarter, 0), grey_of(kColors.at(static_cast<std::size_t>(quarter))), 2)
          << name << " " << quarter;
    }
  }
}

TEST(ImageDecode, Rows_of_a_bmp_may_come_from_the_top) {
  auto bmp = sample("bmp_24.bmp");
  for (const std::size_t i : {22, 23, 24, 25})
    bmp[i] = static_cast<std::byte>(i == 22 ? 0xe8 : 0xff);  // -24
  const auto image = decode_image(bmp);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(at(*image, 2, 0), kColors[0][0]);
  EXPECT_EQ(at(*image, 0, 2), kColors[2][2]);
}

TEST(ImageDecode, Too_many_pixels_are_refused_before_decoding) {
  for (const auto name : kOneOfEach) {
    EXPECT_TRUE(decode_image(sample(name), {.max_pixels = 32 * 24})) << name;
    const auto refused = decode_image(sample(name), {.max_pixels = 32 * 24 - 1});
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
    EXPECT_NE(refused.error().message.find("32 x 24"), std::string::npos);
  }
}

TEST(ImageDecode, A_bomb_is_known_by_its_header) {
  auto png = sample("png_rgb.png");
  for (std::size_t i = 16; i < 24; ++i) png[i] = static_cast<std::byte>(i % 4 == 0 ? 0x7f : 0xff);
  const auto refused = decode_image(png);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(ImageDecode, A_side_has_a_bound_of_its_own) {
  auto png = sample("png_rgb.png");
  const auto set_size = [&](std::uint8_t high, std::uint8_t low) {
    const std::array<std::uint8_t, 8> size{0, high, low, low, 0, 0, 0, 1};
    std::memcpy(png.data() + 16, size.data(), size.size());
    return decode_image(png);
  };
  EXPECT_EQ(set_size(1, 0).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(set_size(0, 0xff).error().code, ErrorCode::kMalformed);  // 65535 x 1, not in the data
}

// Where the colours of the stored quarters 0, 1, 2 and 3 are seen.
constexpr std::array<std::array<std::size_t, 4>, 9> kSeen{{{0, 1, 2, 3},
                                                           {0, 1, 2, 3},
                                                           {1, 0, 3, 2},
                                                           {3, 2, 1, 0},
                                                           {2, 3, 0, 1},
                                                           {0, 2, 1, 3},
                                                           {1, 3, 0, 2},
                                                           {3, 1, 2, 0},
                                                           {2, 0, 3, 1}}};

TEST(ImageDecode, The_exif_orientation_counts_only_when_asked_for) {
  for (std::size_t orientation = 0; orientation <= 8; ++orientation) {
    auto jpeg = sample("jpeg_rgb.jpg");
    // APP1 with one tag.
    std::string exif(
        "\xff\xe1\x00\x22"
        "Exif\0\0"
        "MM\0\x2a\0\0\0\x08"
        "\0\x01"
        "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
        "\0\0\0\0",
        36);
    exif[29] = static_cast<char>(orientation);
    const auto bytes = std::as_bytes(std::span(exif));
    jpeg.insert(jpeg.begin() + 2, bytes.begin(), bytes.end());
    const auto stored = decode_image(jpeg);
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(stored->width(), 32);
    const auto turned = decode_image(jpeg, {.apply_orientation = true});
    ASSERT_TRUE(turned);
    ASSERT_EQ(turned->width(), orientation >= 5 ? 24 : 32);
    for (std::size_t quarter = 0; quarter < 4; ++quarter) {
      const std::size_t seen = kSeen.at(orientation).at(quarter);
      const auto x = static_cast<std::size_t>(turned->width()) * (seen % 2 * 2 + 1) / 4;
      const auto y = static_cast<std::size_t>(turned->height()) * (seen / 2 * 2 + 1) / 4;
      const auto pixel = (y * static_cast<std::size_t>(turned->width()) + x) * 3;
      for (std::size_t c = 0; c < 3; ++c) {
        EXPECT_NEAR(turned->pixels()[pixel + c], kColors.at(quarter).at(c), 4)
            << orientation << " " << quarter;
      }
    }
  }
}

int furthest(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  int most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

// A quarter is averaged, where resizing also counts the pixels around: they differ at edges. Chroma
// that is stored at a third is shrunk by libjpeg to a place beside, as Pillow's Image.draft() has
// it.
TEST(ImageDecode, Resizing_while_decoding_shows_the_same_picture) {
  for (const std::string& name : sample_names()) {
    const auto image = decode_image(sample(name));
    const Image expected = resize(*image, 8, 6);
    std::vector<std::uint8_t> small(8 * 6 * 3);
    const auto size = decode_resized(sample(name), {}, {8, 6}, small);
    ASSERT_TRUE(size) << name << ": " << size.error().message;
    EXPECT_EQ(*size, (Size{32, 24})) << name;
    EXPECT_LE(furthest(small, expected.pixels()), name == "jpeg_311.jpg" ? 111 : 50) << name;
  }
}

// Averages of whole squares, exactly where they are made by reduce(). libjpeg and libwebp shrink
// colours that are stored at a half apart from the brightness: at edges they differ.
TEST(ImageDecode, What_is_a_half_or_a_quarter_is_averaged_once) {
  for (const std::string& name : sample_names()) {
    if (name == "jpeg_311.jpg") continue;
    const auto image = decode_image(sample(name));
    for (const int by : {2, 4}) {
      const Image expected = reduce(*image, by);
      std::vector<std::uint8_t> small(expected.pixels().size());
      ASSERT_TRUE(decode_resized(sample(name), {}, {32 / by, 24 / by}, small)) << name;
      const bool lossy = name.ends_with(".jpg") || name == "webp_lossy.webp";
      EXPECT_LE(furthest(small, expected.pixels()), lossy ? 48 : 0) << name << " " << by;
    }
  }
}

// A smooth picture, for which it makes no difference.
TEST(ImageDecode, A_reduced_jpeg_or_webp_is_the_resized_one) {
  for (const std::string_view name : {"jpeg_rgb.jpg", "webp_lossy.webp"}) {
    const auto image = decode_image(sample(name));
    std::vector<std::uint8_t> small(2 * 2 * 3);
    ASSERT_TRUE(decode_resized(sample(name), {}, {2, 2}, small));
    EXPECT_LE(furthest(small, resize(*image, 2, 2).pixels()), 10) << name;
  }
}

std::vector<std::string> jpeg_names() {
  std::vector<std::string> names = sample_names();
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".jpg"); });
  EXPECT_GE(names.size(), 3U);
  return names;
}

TEST(ImageDecode, A_jpeg_that_is_resized_row_by_row_has_the_pixels_of_the_resized_picture) {
  for (const std::string& name : jpeg_names()) {
    const auto image = decode_image(sample(name));
    for (const Size to : {Size{20, 16}, {32, 16}, {20, 24}, {32, 24}, {48, 40}}) {
      const Image expected = resize(*image, to.width, to.height);
      const auto stride = static_cast<std::size_t>(to.width) * 3;
      std::vector<std::uint8_t> whole(expected.pixels().size());
      ASSERT_TRUE(decode_resized(sample(name), {}, to, whole)) << name;
      EXPECT_TRUE(std::ranges::equal(whole, expected.pixels())) << name << " " << to.width;
      std::vector<std::uint8_t> part(5 * 4 * 3);
      ASSERT_TRUE(decode_part(sample(name), {}, {to, {3, 9, {5, 4}}}, part, 15)) << name;
      for (std::size_t y = 0; y < 4; ++y) {
        EXPECT_TRUE(std::ranges::equal(expected.pixels().subspan((y + 9) * stride + 9, 15),
                                       std::span(part).subspan(y * 15, 15)))
            << name << " " << to.width << ", row " << y;
      }
    }
  }
}

// Also where the rows that are wanted are there.
TEST(ImageDecode, A_jpeg_that_ends_early_or_takes_too_long_fails_as_it_is_resized) {
  std::vector<std::uint8_t> top(20 * 3);
  const ResizedPart wanted{{20, 16}, {0, 0, {20, 1}}};
  for (const std::string& name : jpeg_names()) {
    const auto file = sample(name);
    const auto cut = std::span(file).first(file.size() - 20);
    const Status ended = decode_part(cut, {}, wanted, top, 60);
    ASSERT_FALSE(ended) << name;
    EXPECT_EQ(ended.error().code, ErrorCode::kMalformed) << name;
    const Status late = decode_part(file, {.cpu_time = {}}, wanted, top, 60);
    ASSERT_FALSE(late) << name;
    EXPECT_EQ(late.error().code, ErrorCode::kTooLarge) << name;
  }
}

TEST(ImageDecode, A_picture_on_its_side_is_resized_upright) {
  const Image picture = *decode_image(sample("png_rgb.png"));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    // The tag before the pixels of a PNG.
    auto png = sample("png_rgb.png");
    std::string chunk(
        "\0\0\0\x1a"
        "eXIf"
        "II*\0\x08\0\0\0"
        "\x01\0"
        "\x12\x01\x03\0\x01\0\0\0\x01\0\0\0"
        "\0\0\0\0"
        "CRC.",
        38);
    chunk[26] = static_cast<char>(orientation);
    const auto bytes = std::as_bytes(std::span(chunk));
    png.insert(png.begin() + 33, bytes.begin(), bytes.end());
    std::vector<std::uint8_t> small(6 * 6 * 3);
    const auto size = decode_resized(png, {.apply_orientation = true}, {6, 6}, small);
    ASSERT_TRUE(size);
    EXPECT_EQ(*size, (orientation >= 5 ? Size{24, 32} : Size{32, 24})) << orientation;
    const Image expected = resize(reduce(upright(picture, orientation), 4), 6, 6);
    EXPECT_LE(furthest(small, expected.pixels()), 2) << orientation;
    const auto stored = decode_resized(png, {}, {6, 6}, small);
    EXPECT_EQ(*stored, (Size{32, 24}));

    // A part of it has the pixels of the whole.
    std::vector<std::uint8_t> whole(20 * 30 * 3);
    ASSERT_TRUE(decode_resized(png, {.apply_orientation = true}, {20, 30}, whole));
    std::vector<std::uint8_t> part(4 * 3 * 3);
    ASSERT_TRUE(
        decode_part(png, {.apply_orientation = true}, {{20, 30}, {11, 2, {4, 3}}}, part, 12));
    for (std::size_t y = 0; y < 3; ++y) {
      EXPECT_TRUE(std::ranges::equal(std::span(whole).subspan(((y + 2) * 20 + 11) * 3, 12),
                                     std::span(part).subspan(y * 12, 12)))
          << orientation << ", row " << y;
    }
  }
}

}  // namespace
}  // namespace npu::media
