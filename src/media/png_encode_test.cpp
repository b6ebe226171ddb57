#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <spng.h>

#include "media/image_decode.hpp"
#include "media/png_encode.hpp"

namespace npu::media {
namespace {

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
  }
}

TEST(PngEncode, Grey_of_sixteen_bits_keeps_its_values) {
  const std::array<std::uint8_t, 8> samples{0, 0, 0, 1, 1, 0, 0xff, 0xff};  // big-endian
  std::string png;
  PngEncoder encoder({2, 2}, PngEncoder::Pixel::kGrey16, [&](std::span<const std::byte> piece) {
    png.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  encoder.add_row(std::span(samples).first(4));
  encoder.add_row(std::span(samples).last(4));
  encoder.finish();
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> reader(spng_ctx_new(0), spng_ctx_free);
  ASSERT_EQ(spng_set_png_buffer(reader.get(), png.data(), png.size()), 0);
  std::array<std::uint8_t, 8> raw{};
  ASSERT_EQ(spng_decode_image(reader.get(), raw.data(), raw.size(), SPNG_FMT_RAW, 0), 0);
  EXPECT_EQ(raw, samples);
}

}  // namespace
}  // namespace npu::media
