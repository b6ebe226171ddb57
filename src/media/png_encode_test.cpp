#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <spng.h>
#include <zlib.h>

#include "media/image_decode.hpp"
#include "media/png_encode.hpp"
#include "media/run_deflate.hpp"

namespace npu::media {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes deflated(const Bytes& bytes, std::size_t piece) {
  Bytes out;
  RunDeflate deflate(
      [&](std::span<const std::uint8_t> part) { out.insert(out.end(), part.begin(), part.end()); });
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    deflate.add(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
  }
  deflate.finish();
  return out;
}

// By zlib, which takes no incomplete code, no bytes behind the end and no wrong check sum.
void expect_comes_back(const Bytes& bytes, std::size_t piece = 1000) {
  const Bytes packed = deflated(bytes, piece);
  Bytes back(bytes.size() + 1);
  uLongf size = back.size();
  uLong read = packed.size();
  ASSERT_EQ(::uncompress2(back.data(), &size, packed.data(), &read), Z_OK) << bytes.size();
  back.resize(size);
  EXPECT_EQ(read, packed.size());
  EXPECT_TRUE(back == bytes) << bytes.size();
}

Bytes random_bytes(std::size_t size, unsigned kinds) {
  std::mt19937 random(kinds);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() % kinds * 37);
  return bytes;
}

TEST(RunDeflate, Any_bytes_come_back) {
  expect_comes_back({});
  expect_comes_back({7});
  for (const unsigned kinds : {1, 2, 3, 20, 256}) {
    expect_comes_back(random_bytes(50'000, kinds));
  }
}

TEST(RunDeflate, Runs_of_any_length_come_back) {
  Bytes bytes;
  for (std::size_t length = 1; length < 600; ++length) {
    bytes.insert(bytes.end(), length, static_cast<std::uint8_t>(length));
  }
  expect_comes_back(bytes);
}

TEST(RunDeflate, Blocks_end_anywhere) {
  constexpr std::size_t kBlock = 128 << 10;
  for (const std::size_t size : {kBlock - 1, kBlock, kBlock + 1, 2 * kBlock, 5 * kBlock / 2}) {
    expect_comes_back(Bytes(size), 3 * kBlock);
    expect_comes_back(random_bytes(size, 256), 7777);
  }
}

// Some bytes 2^n times as frequent as others: codes stay short enough for what is reserved for
// them.
TEST(RunDeflate, A_skewed_distribution_comes_back) {
  Bytes bytes;
  for (unsigned i = 0; i < 17; ++i) {
    bytes.insert(bytes.end(), std::size_t{1} << i, static_cast<std::uint8_t>(i));
  }
  for (unsigned i = 17; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  std::ranges::shuffle(bytes, std::mt19937(1));
  expect_comes_back(bytes);
}

TEST(RunDeflate, What_is_smooth_becomes_small) {
  EXPECT_LT(deflated(Bytes(1'000'000), 1000).size(), 8'000U);
  EXPECT_LT(deflated(random_bytes(1'000'000, 4), 1000).size(), 285'000U);
  EXPECT_LT(deflated(random_bytes(1'000'000, 256), 1000).size(), 1'035'000U);
}

TEST(PngEncode, A_picture_comes_back_exactly) {
  for (const int channels : {1, 3}) {
    Image image(50, 40, channels);
    for (std::size_t i = 0; i < image.pixels().size(); ++i) {
      image.pixels()[i] = static_cast<std::uint8_t>(i * 37);
    }
    const std::string png = encode_png(image);
    const auto back = decode_image(std::as_bytes(std::span(png)), {.channels = channels});
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(std::ranges::equal(back->pixels(), image.pixels()));
    EXPECT_LT(png.size(), png_bound({50, 40}, static_cast<std::size_t>(channels)));
  }
}

TEST(PngEncode, Stands_behind_what_is_there) {
  std::string out = "before";
  append_png(out, {1, 2}, [](int y, std::span<std::uint8_t> row) {
    std::ranges::fill(row, static_cast<std::uint8_t>(y));
  });
  ASSERT_TRUE(out.starts_with("before"));
  const auto back = decode_image(std::as_bytes(std::span(out)).subspan(6));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(std::ranges::equal(back->pixels(), Bytes{0, 0, 0, 1, 1, 1}));
}

TEST(PngEncode, Grey_of_sixteen_bits_keeps_its_values) {
  const std::array<std::uint16_t, 4> values{0, 1, 256, 65535};
  std::string png;
  append_png16(png, {2, 2}, [&](int y, std::span<std::uint16_t> row) {
    std::ranges::copy(std::span(values).subspan(static_cast<std::size_t>(y) * 2, 2), row.begin());
  });
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> reader(spng_ctx_new(0), spng_ctx_free);
  ASSERT_EQ(spng_set_png_buffer(reader.get(), png.data(), png.size()), 0);
  std::array<std::uint8_t, 8> raw{};
  ASSERT_EQ(spng_decode_image(reader.get(), raw.data(), raw.size(), SPNG_FMT_RAW, 0), 0);
  EXPECT_EQ(raw, (std::array<std::uint8_t, 8>{0, 0, 0, 1, 1, 0, 0xff, 0xff}));  // big-endian
}

}  // namespace
}  // namespace npu::media
