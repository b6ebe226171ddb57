// Groups of prefix codes of lossless WebP files. The oracle is libwebp: what its encoder makes is
// passed, and what is written here by hand it decodes.
#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <webp/decode.h>
#include <webp/encode.h>

#include "media/codecs/webp_lossless.hpp"
#include "media/image_decode.hpp"
#include "media/samples_test_support.hpp"

namespace npu::media {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kHeads = 20;  // of RIFF, WEBP and the chunk

codecs::Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Result<codecs::LosslessHead> head_of(codecs::Bytes file,
                                     std::chrono::milliseconds cpu_time = 1min) {
  return codecs::read_lossless_head(file.subspan(kHeads), CpuBudget(cpu_time));
}

class BitWriter {
 public:
  // A number, its lowest bit first.
  void put(unsigned value, unsigned count) {
    for (unsigned i = 0; i < count; ++i, ++size_) {
      if (size_ % 8 == 0) bytes_ += '\0';
      bytes_.back() = static_cast<char>(bytes_.back() | (value >> i & 1) << (size_ % 8));
    }
  }
  // One of 256 codes of eight bits.
  void put_byte_code(unsigned symbol) {
    for (unsigned i = 8; i-- != 0;) put(symbol >> i, 1);
  }
  void put_only_symbol(unsigned symbol) {
    put(0b101, 3);
    put(symbol, 8);
  }
  // The symbols 0 to 255 have eight bits each.
  void put_byte_codes() {
    put(0, 1);
    put(12 - 4, 4);
    for (int i = 0; i < 11; ++i) put(0, 3);
    put(1, 3);  // the only length, 8, has an empty code
    put(1, 1);
    put(3, 3);
    put(256 - 2, 8);
  }

  std::size_t size() const { return size_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::size_t size_ = 0;
};

struct ByHand {
  std::string file;
  std::size_t head = 0;  // bits
};

// A square of tiles x tiles squares; those behind the last group belong to that. Each group has one
// colour, which is its number.
ByHand with_groups(unsigned groups, unsigned tiles, unsigned tile_bits = 2) {
  BitWriter out;
  const unsigned side = tiles << tile_bits;
  out.put(0x2f, 8);
  out.put(side - 1, 14);
  out.put(side - 1, 14);
  out.put(0, 4);  // no alpha, version 0
  out.put(0, 1);  // no transforms
  out.put(0, 1);  // no cache
  out.put(1, 1);
  out.put(tile_bits - 2, 3);
  out.put(0, 1);  // no cache of the entropy image
  out.put_byte_codes();
  out.put_byte_codes();
  for (int i = 0; i < 3; ++i) out.put_only_symbol(0);
  for (unsigned tile = 0; tile < tiles * tiles; ++tile) {
    const unsigned group = std::min(tile, groups - 1);
    out.put_byte_code(group & 255);
    out.put_byte_code(group >> 8);
  }
  const std::size_t head = out.size();
  for (unsigned group = 0; group < groups; ++group) {
    for (const unsigned symbol : {group & 255, group >> 8, 7U, 255U, 0U})
      out.put_only_symbol(symbol);
  }
  const auto number = [](std::size_t value) {
    std::string text;
    for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>(value >> shift);
    return text;
  };
  std::string data = out.bytes();
  data.resize((data.size() + 1) / 2 * 2, '\0');
  return {"RIFF" + number(data.size() + 12) + "WEBPVP8L" + number(data.size()) + data, head};
}

void expect_decoded_by_libwebp(const std::string& file, unsigned groups, unsigned tiles) {
  int width = 0;
  int height = 0;
  const std::unique_ptr<std::uint8_t, decltype(&WebPFree)> pixels(
      WebPDecodeRGB(reinterpret_cast<const std::uint8_t*>(file.data()), file.size(), &width,
                    &height),
      WebPFree);
  ASSERT_NE(pixels, nullptr);
  const unsigned side = tiles * 4;
  ASSERT_EQ(width, static_cast<int>(side));
  ASSERT_EQ(height, width);
  for (unsigned i = 0; i < side * side; ++i) {
    const unsigned group = std::min(i / side / 4 * tiles + i % side / 4, groups - 1);
    const std::uint8_t* pixel = pixels.get() + i * std::size_t{3};
    ASSERT_EQ(pixel[0] * 256U + pixel[1], group) << i;
    ASSERT_EQ(pixel[2], 7) << i;
  }
}

TEST(WebpGroups, Are_counted_as_they_are_written) {
  for (const auto& [groups, tiles] : {std::pair{1U, 1U}, {2U, 2U}, {257U, 20U}, {2701U, 55U}}) {
    const ByHand made = with_groups(groups, tiles);
    expect_decoded_by_libwebp(made.file, groups, tiles);
    const auto head = head_of(bytes_of(made.file));
    ASSERT_TRUE(head) << head.error().message;
    EXPECT_EQ(head->groups, groups);
    EXPECT_EQ(head->bits, made.head);
  }
}

TEST(WebpGroups, Are_bounded) {
  const auto image = decode_image(bytes_of(with_groups(2700, 55).file));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->width(), 220);
  struct Refused {
    unsigned groups;
    unsigned tiles;
    unsigned tile_bits = 2;
  };
  for (const auto& [groups, tiles, tile_bits] :
       {Refused{2701, 55}, {65'536, 256}, {1001, 55, 7}}) {  // the last: 49 million pixels
    const auto refused = decode_image(bytes_of(with_groups(groups, tiles, tile_bits).file));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
    EXPECT_NE(refused.error().message.find(fmt::format("has {} groups", groups)), std::string::npos)
        << refused.error().message;
  }
}

TEST(WebpGroups, A_head_that_is_cut_off_or_takes_too_long_is_told) {
  const ByHand made = with_groups(300, 66);
  const auto bitstream = bytes_of(made.file).subspan(kHeads);
  for (std::size_t size = 0; size < (made.head + 7) / 8; size += size < 200 ? 1 : 61) {
    const auto head = codecs::read_lossless_head(bitstream.first(size), CpuBudget(1min));
    ASSERT_FALSE(head) << size;
    EXPECT_EQ(head.error().code, ErrorCode::kMalformed);
  }
  const auto late = head_of(bytes_of(made.file), 0ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTooLarge);
}

// Few colours make a palette; noise beside a slope makes several groups; smooth and noisy ones
// make predictions.
Image picture(unsigned kind, int width, int height) {
  constexpr unsigned kColors[] = {2, 4, 16, 200};
  std::mt19937 random(kind);
  Image image(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto noise = static_cast<unsigned>(random());
      const auto at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                       static_cast<std::size_t>(x)) *
                      3;
      const auto slope = static_cast<unsigned>(x + 2 * y);
      for (unsigned channel = 0; channel < 3; ++channel) {
        unsigned value = slope * (channel + 1) / 2;
        if (kind < 4) {
          value = noise % kColors[kind] * (channel + 1);
        } else if (kind == 4) {
          value = noise >> (channel * 8);
        } else if (kind == 5) {
          value += noise >> (channel * 8) & 7;
        } else if (x / 32 % 2 == 0) {
          value = y / 32 % 2 == 0 ? noise >> (channel * 8) : noise & 31;
        }
        image.pixels()[at + channel] = static_cast<std::uint8_t>(value);
      }
    }
  }
  return image;
}

std::string encoded(const Image& image, int method) {
  WebPConfig config;
  EXPECT_NE(WebPConfigInit(&config), 0);
  config.lossless = 1;
  config.method = method;
  config.quality = 50;
  WebPPicture in;
  EXPECT_NE(WebPPictureInit(&in), 0);
  in.use_argb = 1;
  in.width = image.width();
  in.height = image.height();
  EXPECT_NE(WebPPictureImportRGB(&in, image.pixels().data(), image.width() * 3), 0);
  WebPMemoryWriter out;
  WebPMemoryWriterInit(&out);
  in.writer = WebPMemoryWrite;
  in.custom_ptr = &out;
  EXPECT_NE(WebPEncode(&config, &in), 0);
  std::string file(reinterpret_cast<const char*>(out.mem), out.size);
  WebPMemoryWriterClear(&out);
  WebPPictureFree(&in);
  return file;
}

TEST(WebpGroups, What_libwebp_writes_is_read) {
  std::uint32_t most = 0;
  for (unsigned kind = 0; kind < 8; ++kind) {
    const Image image = picture(kind, 110, 97);
    for (int method = 0; method <= 6; method += 3) {
      const std::string file = encoded(image, method);
      const auto head = head_of(bytes_of(file));
      ASSERT_TRUE(head) << kind << " " << method << ": " << head.error().message;
      EXPECT_LE(head->groups, 2600U);
      EXPECT_LE(head->bits, file.size() * 8);
      most = std::max(most, head->groups);
      const auto back = decode_image(bytes_of(file));
      ASSERT_TRUE(back) << kind << " " << method << ": " << back.error().message;
      EXPECT_TRUE(std::ranges::equal(back->pixels(), image.pixels())) << kind << " " << method;
    }
  }
  EXPECT_GT(most, 1U);
  const auto flat = head_of(bytes_of(encoded(Image(40, 40, 3), 4)));
  ASSERT_TRUE(flat);
  EXPECT_EQ(flat->groups, 1U);
  EXPECT_TRUE(head_of(sample("webp_lossless.webp")));
}

}  // namespace
}  // namespace npu::media
