#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <spng.h>

#include "media/image_decode.hpp"
#include "media/png_encode.hpp"

namespace npu::media {
namespace {

using Bytes = std::vector<std::uint8_t>;

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
