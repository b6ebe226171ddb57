// What a small file may ask for: counted, not measured.
#include <string>

#include <gtest/gtest.h>

#include "media/image_decode.hpp"
#include "media/samples_test_support.hpp"

namespace npu::media {
namespace {

using namespace std::string_literals;

std::string number(unsigned value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string segment(char marker, const std::string& data) {
  return std::string("\xff") + marker + number(static_cast<unsigned>(data.size()) + 2, 2) + data;
}

// A progressive JPEG whose scans say with a few bytes that nothing changes in any block.
std::string many_scans(unsigned side, unsigned components, int scans) {
  std::string frame = "\x08"s + number(side, 2) + number(side, 2) + number(components, 1);
  std::string scan = number(components, 1);
  for (unsigned i = 1; i <= components; ++i) {
    frame += number(i, 1) + "\x11\0"s;
    scan += number(i, 1) + "\0"s;
  }
  const auto table = [](char head, char symbol) {
    return segment('\xc4', std::string(1, head) + "\1"s + std::string(15, '\0') + symbol);
  };
  const unsigned blocks = (side + 7) / 8 * ((side + 7) / 8);
  std::string out = "\xff\xd8" + segment('\xdb', "\0"s + std::string(64, '\1')) +
                    segment('\xc2', frame) + table('\0', '\0') + table('\x10', '\xe0') +
                    segment('\xda', scan + "\0\0\1"s) +
                    std::string(blocks * components / 8 + 1, '\0');
  for (int i = 0; i < scans; ++i) {
    out += segment('\xda', "\1\1\0\1\x3f\x10"s);
    // Runs of 32767 blocks are a 0 and 14 ones each.
    const unsigned runs = blocks / 32767 + 1;
    std::string bits;
    for (unsigned run = 0; run < runs; ++run) bits += "0" + std::string(14, '1');
    bits.resize((bits.size() + 7) / 8 * 8, '1');
    for (std::size_t at = 0; at < bits.size(); at += 8) {
      const auto byte = static_cast<char>(std::stoi(bits.substr(at, 8), nullptr, 2));
      out += byte;
      if (byte == '\xff') out += '\0';
    }
  }
  return out + "\xff\xd9";
}

Result<Image> decode(const std::string& file) {
  return decode_image(std::as_bytes(std::span(file)));
}

void expect_refused(const std::string& file, std::string_view why) {
  const auto image = decode(file);
  ASSERT_FALSE(image) << why;
  EXPECT_EQ(image.error().code, ErrorCode::kTooLarge) << image.error().message;
  EXPECT_NE(image.error().message.find(why), std::string::npos) << image.error().message;
}

TEST(ImageLimits, The_scans_of_a_jpeg_are_counted) {
  EXPECT_TRUE(decode(many_scans(64, 1, 100)));
  expect_refused(many_scans(64, 1, 1000), "201 scans");
}

// 199 scans over 49 million pixels walk 152 million blocks, though the file has 110 KB.
TEST(ImageLimits, Scans_count_by_the_blocks_that_they_walk) {
  const std::string file = many_scans(7000, 1, 198);
  EXPECT_LT(file.size(), 200'000U);
  expect_refused(file, "16 scans or more over 7000 x 7000 pixels");
}

// Four components of two bytes for each pixel, until the last scan is there.
TEST(ImageLimits, What_a_jpeg_of_several_scans_keeps_is_counted) {
  expect_refused(many_scans(7000, 4, 1), "MiB");
}

// 392 MB of pixels may come of a few hundred KB.
TEST(ImageLimits, The_pixels_of_a_png_are_counted_unpacked) {
  auto png = sample("png_rgb16.png");
  for (const std::size_t at : {16, 20}) {
    png[at + 2] = std::byte{0x1b};
    png[at + 3] = std::byte{0x58};  // 7000
  }
  png[25] = std::byte{6};  // with alpha
  const auto image = decode_image(png);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::kTooLarge) << image.error().message;
}

// Each block of an arithmetic code counts for 48.
TEST(ImageLimits, Arithmetic_coding_counts_for_more) {
  std::string file = many_scans(1024, 1, 20);
  EXPECT_TRUE(decode(file));
  file[file.find("\xff\xc2") + 1] = '\xca';
  expect_refused(file, "scans or more over 1024 x 1024");
}

using Tags = std::vector<std::array<unsigned, 4>>;  // tag, type, count, value

std::string tiff(const Tags& tags, std::size_t size) {
  std::string out = "MM\0*\0\0\0\x08"s + number(static_cast<unsigned>(tags.size()), 2);
  for (const auto& [tag, type, count, value] : tags) {
    const bool is_short = type == 3 && count == 1;
    out += number(tag, 2) + number(type, 2) + number(count, 4) +
           (is_short ? number(value, 2) + "\0\0"s : number(value, 4));
  }
  out.resize(std::max(size, out.size() + 4), '\0');
  return out;
}

// 16 KB that announce one strip of eight 16-bit samples a pixel, which is unpacked as a whole.
TEST(ImageLimits, The_strips_of_a_tiff_are_counted_unpacked) {
  const Tags tags{{256, 4, 1, 7000}, {257, 4, 1, 7000}, {258, 3, 8, 512},
                  {259, 3, 1, 8},    {262, 3, 1, 2},    {273, 4, 1, 600},
                  {277, 3, 1, 8},    {278, 4, 1, 7000}, {279, 4, 1, 10'000}};
  auto file = tiff(tags, 16'000);
  for (std::size_t i = 0; i < 8; ++i) file[513 + i * 2] = 16;  // bits a sample
  expect_refused(file, "784000000 bytes");
  auto rows = tags;
  rows[7][3] = 10;  // smaller strips, but as much in all
  rows[5] = {273, 4, 700, 600};
  rows[8] = {279, 4, 700, 3400};
  auto strips = tiff(rows, 16'000);
  for (std::size_t i = 0; i < 8; ++i) strips[513 + i * 2] = 16;
  expect_refused(strips, "700 strips");
}

// RGBA of the whole picture beside one tile of it. 40 million pixels of RGB in one strip are read
// where they belong.
TEST(ImageLimits, A_tile_of_a_tiff_is_counted_with_the_picture) {
  expect_refused(tiff({{256, 4, 1, 6400},
                       {257, 4, 1, 6400},
                       {258, 3, 1, 8},
                       {259, 3, 1, 8},
                       {262, 3, 1, 2},
                       {277, 3, 1, 4},
                       {322, 4, 1, 6400},
                       {323, 4, 1, 6400},
                       {324, 4, 1, 300},
                       {325, 4, 1, 1}},
                      400),
                 "too much memory");
}

// Decoding is not to be stopped within one.
TEST(ImageLimits, A_strip_of_a_tiff_has_so_many_deflated_bytes_at_most) {
  constexpr unsigned kStored = 25 << 20;
  expect_refused(tiff({{256, 4, 1, 5000},
                       {257, 4, 1, 5000},
                       {258, 3, 1, 8},
                       {259, 3, 1, 8},
                       {262, 3, 1, 1},
                       {273, 4, 1, 200},
                       {277, 3, 1, 1},
                       {278, 4, 1, 5000},
                       {279, 4, 1, kStored}},
                      200 + kStored),
                 "deflated");
}

TEST(ImageLimits, A_small_tiff_of_huge_tiles_is_refused) {
  expect_refused(tiff({{256, 4, 1, 64},
                       {257, 4, 1, 64},
                       {258, 3, 1, 8},
                       {259, 3, 1, 1},
                       {262, 3, 1, 1},
                       {277, 3, 1, 1},
                       {322, 4, 1, 1 << 16},
                       {323, 4, 1, 1 << 16},
                       {324, 4, 1, 200},
                       {325, 4, 1, 1}},
                      300),
                 "4294967296 bytes");
}

// libtiff copies the value of each tag, also of those that it does not know.
TEST(ImageLimits, Values_of_a_tiff_that_overlap_are_refused) {
  Tags tags{{256, 4, 1, 8}, {257, 4, 1, 8}};
  for (unsigned i = 0; i < 50; ++i) tags.push_back({65000 + i, 1, 90'000, 0});
  const auto image = decode(tiff(tags, 100'000));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::kMalformed);
}

}  // namespace
}  // namespace npu::media
