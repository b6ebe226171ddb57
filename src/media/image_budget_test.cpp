// Files that ask for far more work than their size tells, and what stops it.
#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <webp/encode.h>
#include <zlib.h>

#include "media/cpu_budget.hpp"
#include "media/image_decode.hpp"
#include "media/png_encode.hpp"
#include "media/samples_test_support.hpp"

namespace npu::media {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

Result<Image> decode(std::string_view file, std::chrono::milliseconds cpu_time) {
  return decode_image(std::as_bytes(std::span(file)), {.cpu_time = cpu_time});
}

void expect_too_slow(std::string_view file, std::chrono::milliseconds cpu_time) {
  const auto image = decode(file, cpu_time);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::kTooLarge) << image.error().message;
  EXPECT_NE(image.error().message.find("of processor time"), std::string::npos)
      << image.error().message;
}

// Eight codes of three bits in three bytes, each of which empties the table of 4096 entries: 3 MB
// hold a core for two seconds, 50 MB for half a minute.
std::string gif_of_clear_codes(std::size_t size) {
  std::string out =
      "GIF89a\x08\0\x08\0\x80\0\0"s + "\0\0\0\xff\xff\xff"s + ",\0\0\0\0\x08\0\x08\0\0\2"s;
  constexpr std::string_view kCodes = "\x24\x49\x92";
  for (std::size_t blocks = size / 256; blocks != 0; --blocks) {
    out += '\xff';
    for (int i = 0; i < 85; ++i) out += kCodes;
  }
  return out + "\0;"s;
}

std::string png_chunk(std::string name, const std::string& data) {
  const auto number = [](std::size_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
    return text;
  };
  name += data;
  const auto check = ::crc32_z(0, reinterpret_cast<const Bytef*>(name.data()), name.size());
  return number(data.size()) + name + number(check);
}

// Blocks of deflate without a byte in them.
std::string png_of_empty_blocks(std::size_t size) {
  std::string data = "\x78\x01";
  while (data.size() < size) data += "\0\0\0\xff\xff"s;
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", "\0\0\0\x08\0\0\0\x08\x08\2\0\0\0"s) +
         png_chunk("IDAT", data) + png_chunk("IEND", "");
}

Image noisy_picture(int side) {
  std::mt19937 random(1);
  Image image(side, side, 3);
  for (std::uint8_t& sample : image.pixels()) sample = static_cast<std::uint8_t>(random());
  return image;
}

std::string webp_of(const Image& image) {
  std::uint8_t* file = nullptr;
  const std::size_t size = WebPEncodeLosslessRGB(image.pixels().data(), image.width(),
                                                 image.height(), image.width() * 3, &file);
  std::string text(reinterpret_cast<const char*>(file), size);
  WebPFree(file);
  return text;
}

TEST(CpuBudget, Counts_work_and_not_time) {
  const CpuBudget budget(20ms);
  EXPECT_FALSE(budget.spent());
  EXPECT_TRUE(CpuBudget(0ms).spent());
  const auto end = std::chrono::steady_clock::now() + 1min;
  volatile unsigned work = 0;
  while (!budget.spent() && std::chrono::steady_clock::now() < end) work = work + 1;
  EXPECT_TRUE(budget.spent());
}

TEST(CpuBudget, Is_looked_at_every_few_kilobytes) {
  const CpuBudget budget(0ms);
  MeteredBudget metered(&budget);
  EXPECT_FALSE(metered.spent_after(4095));
  EXPECT_TRUE(metered.spent_after(1));
  EXPECT_TRUE(metered.spent());
  EXPECT_FALSE(MeteredBudget(nullptr).spent_after(1 << 20));
}

TEST(ImageBudget, Holds_for_every_format_that_may_take_long) {
  for (const auto name : {"jpeg_rgb.jpg", "webp_lossy.webp", "tiff_raw.tiff"}) {
    const auto bytes = sample(name);
    expect_too_slow({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, 0ms);
  }
  expect_too_slow(encode_png(noisy_picture(100)), 0ms);
}

TEST(ImageBudget, Stops_codes_that_only_clear_the_table_of_a_gif) {
  expect_too_slow(gif_of_clear_codes(1'000'000), 5ms);
}

TEST(ImageBudget, Stops_a_png_of_empty_blocks) {
  expect_too_slow(png_of_empty_blocks(2'000'000), 1ms);
}

TEST(ImageBudget, A_webp_that_is_read_in_many_pieces_comes_back_exactly) {
  const Image image = noisy_picture(700);
  const std::string file = webp_of(image);
  ASSERT_GT(file.size(), std::size_t{1} << 20);
  const auto back = decode(file, 1min);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(std::ranges::equal(back->pixels(), image.pixels()));
  expect_too_slow(file, 0ms);
}

}  // namespace
}  // namespace npu::media
