#include "media/deflate.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

namespace npu::media {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes deflated(const Bytes& bytes, std::size_t piece) {
  Bytes out;
  Deflate deflate(Deflate::Container::kZlib, [&](std::span<const std::byte> part) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(part.data());
    out.insert(out.end(), data, data + part.size());
  });
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    deflate.add(std::as_bytes(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at))));
  }
  deflate.finish();
  return out;
}

// By zlib, which takes no incomplete code, no bytes behind the end and no wrong check sum.
void expect_comes_back(const Bytes& bytes, std::size_t piece = 1000) {
  const Bytes packed = deflated(bytes, piece);
  EXPECT_LE(packed.size(), Deflate::bound(bytes.size()));
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

TEST(Deflate, Any_bytes_come_back) {
  expect_comes_back({});
  expect_comes_back({7});
  for (const unsigned kinds : {1, 2, 3, 20, 256}) {
    expect_comes_back(random_bytes(50'000, kinds));
    expect_comes_back(random_bytes(500'000, kinds), 3);
    expect_comes_back(random_bytes(500'000, kinds), 500'000);
  }
}

TEST(Deflate, What_is_smooth_becomes_small) {
  EXPECT_LT(deflated(Bytes(1'000'000), 1000).size(), 8'000U);
  EXPECT_LT(deflated(random_bytes(1'000'000, 4), 1000).size(), 340'000U);
}

TEST(Deflate, Check_sums_are_those_of_zlib) {
  const Bytes bytes = random_bytes(10'001, 256);
  const auto all = std::as_bytes(std::span(bytes));
  const auto expected = ::crc32_z(0, bytes.data(), bytes.size());
  EXPECT_EQ(crc32(0, all), expected);
  EXPECT_EQ(crc32(crc32(0, all.first(77)), all.subspan(77)), expected);
}

}  // namespace
}  // namespace npu::media
