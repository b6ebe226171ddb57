#include "services/kit/picture_text.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "http/body_spool.hpp"
#include "http/json_body.hpp"
#include "tensor/base64.hpp"

namespace npu::kit {
namespace {

constexpr std::size_t kChunkCharacters = 64 << 10;
constexpr std::size_t kChunkBytes = kChunkCharacters / 4 * 3;

std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  return bytes;
}

std::string encoded(const std::string& bytes) {
  return base64_encode(std::as_bytes(std::span(bytes)));
}

std::string json_of(const std::string& text) { return R"({"image":")" + text + R"("})"; }

// The text with `what` before each `every` of its characters.
std::string broken_up(const std::string& text, std::size_t every, std::string_view what) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += every) {
    out.append(what).append(text, at, every);
  }
  return out;
}

// In memory and, where `spooled`, in a file.
http::Body body_of(const std::string& text, bool spooled = false) {
  if (!spooled) return text;
  const http::BodySpool spool({.folder = testing::TempDir()});
  http::BodyFile file;
  EXPECT_TRUE(file.append(spool, text));
  auto body = file.finish();
  EXPECT_TRUE(body);
  return std::move(*body);
}

Result<std::string> picture_in(http::Body& body) {
  PictureText text(body);
  const auto read = http::parse_json_apart(body, "image", text);
  if (!read) return fail(read.error());
  const auto picture = text.finish();
  if (!picture) return fail(picture.error());
  EXPECT_EQ(static_cast<const void*>(picture->data()), body.view().data());
  return std::string(reinterpret_cast<const char*>(picture->data()), picture->size());
}

std::string picture_error(const std::string& text) {
  auto body = body_of(json_of(text));
  const auto picture = picture_in(body);
  return picture ? "none" : picture.error().message;
}

TEST(PictureText, Is_decoded_over_itself_whatever_its_length) {
  for (const bool spooled : {false, true}) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, kChunkBytes - 1,
                                   kChunkBytes, kChunkBytes + 1, 5 * kChunkBytes + 100}) {
      const std::string bytes = bytes_of(size);
      auto body = body_of(json_of(encoded(bytes)), spooled);
      const auto picture = picture_in(body);
      ASSERT_TRUE(picture) << size << ": " << picture.error().message;
      EXPECT_TRUE(*picture == bytes) << size;
    }
  }
}

TEST(PictureText, May_be_written_as_programs_write_it) {
  const std::string bytes = bytes_of(3 * kChunkBytes + 1);
  const std::string text = encoded(bytes);
  const std::string texts[] = {
      broken_up(text, 76, "\\r\\n"), broken_up(text, 1000, " "), broken_up(text, 1, "\\n\\n\\n"),
      "data:image\\/png;base64," + broken_up(text, 99, "\\n"), "\\u0041" + text.substr(1)};
  for (const std::string& one : texts) {
    auto body = body_of(json_of(one));
    const auto picture = picture_in(body);
    ASSERT_TRUE(picture) << one.substr(0, 50) << ": " << picture.error().message;
    EXPECT_TRUE(*picture == bytes) << one.substr(0, 50);
  }
}

TEST(PictureText, Of_two_the_last_counts) {
  const std::string long_one = encoded(bytes_of(2 * kChunkBytes));
  auto body = body_of(R"({"image":")" + long_one + R"(","image":"data:,aGVsbG8="})");
  EXPECT_EQ(picture_in(body).value_or(""), "hello");
  auto again = body_of(R"({"image":"****","image":"aGVsbG8="})");
  EXPECT_EQ(picture_in(again).value_or(""), "hello");
}

TEST(PictureText, What_is_wrong_is_told_with_its_place) {
  EXPECT_EQ(picture_error(""), "'image' is empty");
  EXPECT_EQ(picture_error("data:image/png;base64,"), "'image' is empty");
  EXPECT_EQ(picture_error("data:image/png"), "'image' is a data URL without a comma");
  EXPECT_EQ(picture_error("aGVsbG8"),
            "'image' is not valid base64: base64 text must be a multiple of 4 characters, got 7");
  const std::string whole(kChunkCharacters, 'A');
  EXPECT_EQ(
      picture_error(whole + "AAA"),
      "'image' is not valid base64: base64 text must be a multiple of 4 characters, got 65539");
  EXPECT_EQ(picture_error(whole + "A*AA"),
            "'image' is not valid base64: base64 text has an invalid character at 65537");
  EXPECT_EQ(picture_error(whole.substr(2) + "==" + whole),
            "'image' is not valid base64: base64 text goes on behind its padding");
}

}  // namespace
}  // namespace npu::kit
