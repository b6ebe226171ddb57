#include "text/tokenizer/normalizers.hpp"

#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensor/base64.hpp"

namespace npu::text {
namespace {

std::string normal(std::string_view described, std::string text) {
  const auto made = make_normalizer(boost::json::parse(described));
  EXPECT_TRUE(made) << made.error().message;
  const auto result = (*made)(std::move(text));
  EXPECT_TRUE(result) << result.error().message;
  return *result;
}

TEST(Normalizers, Forms_of_unicode) {
  EXPECT_EQ(normal(R"({"type": "NFC"})", "e\u0301 ﬁ"), "é ﬁ");
  EXPECT_EQ(normal(R"({"type": "NFD"})", "é"), "e\u0301");
  EXPECT_EQ(normal(R"({"type": "NFKC"})", "ﬁ①"), "fi1");
  EXPECT_EQ(normal(R"({"type": "NFKD"})", "éﬁ"), "e\u0301fi");
}

TEST(Normalizers, Lower_case_is_that_of_each_character) {
  EXPECT_EQ(normal(R"({"type": "Lowercase"})", "ΣΊΣΥΦΟΣ İ ẞ"), "σίσυφοσ i\u0307 ß");
}

TEST(Normalizers, Edges_and_marks) {
  EXPECT_EQ(normal(R"({"type": "Strip", "strip_left": true, "strip_right": true})", " \u3000a b\n"),
            "a b");
  EXPECT_EQ(normal(R"({"type": "Strip", "strip_left": false, "strip_right": true})", " a "), " a");
  EXPECT_EQ(normal(R"({"type": "Strip", "strip_left": true, "strip_right": false})", " a "), "a ");
  EXPECT_EQ(normal(R"({"type": "Strip"})", " \n"), "");
  EXPECT_EQ(normal(R"({"type": "StripAccents"})", "e\u0301\u0940x"), "ex");
  EXPECT_EQ(normal(R"({"type": "Prepend", "prepend": "▁"})", "a"), "▁a");
  EXPECT_EQ(normal(R"({"type": "Prepend", "prepend": "▁"})", ""), "");
}

TEST(Normalizers, What_is_replaced) {
  EXPECT_EQ(
      normal(R"({"type": "Replace", "pattern": {"String": "``"}, "content": "\""})", "a``b``"),
      "a\"b\"");
  EXPECT_EQ(
      normal(R"({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "})", "a   b c"),
      "a b c");
}

TEST(Normalizers, Berts) {
  EXPECT_EQ(normal(R"({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true})",
                   std::string("É\0\x01\tb\u00AD中c", 12)),
            "e b 中 c");
  EXPECT_EQ(normal(R"({"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false,
                       "strip_accents": false, "lowercase": true})",
                   "É\t中"),
            "é\t中");
}

// A double array by hand: 'a' becomes "xy", "b" and what follows it becomes nothing.
TEST(Normalizers, Tables_of_sentencepiece) {
  constexpr std::uint32_t kRoot = 1U << 10;  // its children are at 1 ^ their byte
  std::string bytes(4, '\0');
  std::vector<std::uint32_t> units(256);
  units[0] = kRoot;
  const auto child = [&](unsigned char byte, std::uint32_t leaf, std::uint32_t text) {
    const std::uint32_t at = 1 ^ byte;
    units[at] = ((leaf ^ at) << 10) | (1U << 8) | byte;
    units[leaf] = (1U << 31) | text;
  };
  child('a', 8, 0);
  child('b', 9, 3);
  const std::size_t size = units.size() * 4;
  for (int i = 0; i < 4; ++i)
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(size >> (8 * i));
  for (const std::uint32_t unit : units) {
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(unit >> (8 * i));
  }
  bytes += std::string("xy\0\0", 4);
  const std::string table = base64_encode(std::as_bytes(std::span(bytes)));
  const std::string described =
      R"({"type": "Precompiled", "precompiled_charsmap": ")" + table + R"("})";
  EXPECT_EQ(normal(described, "cabad é"), "cxyxyd é");
  EXPECT_EQ(normal(R"({"type": "Precompiled", "precompiled_charsmap": ""})", "a"), "a");
  for (const std::string broken : {"!", "AAAA", "/////w==", "AAAAAAAAAAA="}) {
    EXPECT_FALSE(make_normalizer(boost::json::parse(
        R"({"type": "Precompiled", "precompiled_charsmap": ")" + broken + R"("})")))
        << broken;
  }
}

TEST(Normalizers, A_text_that_grows_without_end_is_refused) {
  const std::string described = R"({"type": "Replace", "pattern": {"String": "a"}, "content": ")" +
                                std::string(1 << 20, 'b') + R"("})";
  const auto made = make_normalizer(boost::json::parse(described));
  ASSERT_TRUE(made);
  const auto result = (*made)(std::string(1000, 'a'));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace npu::text
