#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace npu {
namespace {

TEST(Utf8, What_is_valid_stays_as_it_is) {
  for (const char* text : {"", "plain\n", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x90\x88"}) {
    EXPECT_EQ(valid_utf8(text), text);
  }
}

TEST(Utf8, Each_byte_that_is_no_character_is_replaced) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(valid_utf8("a\xFFz"), "a" + bad + "z");
  EXPECT_EQ(valid_utf8("\xE2\x82"), bad + bad);            // cut off
  EXPECT_EQ(valid_utf8("\xC0\xAF"), bad + bad);            // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), bad + bad + bad);  // surrogate
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);
  EXPECT_EQ(valid_utf8("\xC3(\x80"), bad + "(" + bad);
}

TEST(Utf8, A_prefix_ends_between_characters) {
  EXPECT_EQ(utf8_prefix("ab\xE2\x82\xAC", 5), "ab\xE2\x82\xAC");
  EXPECT_EQ(utf8_prefix("ab\xE2\x82\xAC", 4), "ab");
  EXPECT_EQ(utf8_prefix("ab\xE2\x82\xAC", 2), "ab");
  EXPECT_EQ(utf8_prefix("\xE2\x82\xAC", 1), "");
}

TEST(Utf8, A_character_that_is_not_there_whole_is_known_by_its_beginning) {
  EXPECT_EQ(utf8_cut_tail(""), 0U);
  EXPECT_EQ(utf8_cut_tail("ab"), 0U);
  EXPECT_EQ(utf8_cut_tail("a\xC3"), 1U);
  EXPECT_EQ(utf8_cut_tail("a\xC3\xA4"), 0U);
  EXPECT_EQ(utf8_cut_tail("\xE2\x82"), 2U);
  EXPECT_EQ(utf8_cut_tail("\xF0\x9F\x90"), 3U);
  EXPECT_EQ(utf8_cut_tail("\xF0\x9F\x90\x88"), 0U);
  EXPECT_EQ(utf8_cut_tail("a\x80\x80"), 0U) << "no beginning of any";
  EXPECT_EQ(utf8_cut_tail("a\xFF"), 0U);
}

TEST(Utf8, Nothing_that_is_shown_steers_the_terminal) {
  EXPECT_EQ(for_terminal("a\x1b[31mb\n\t\x7f"), "a\\x1b[31mb\\x0a\\x09\\x7f");
  EXPECT_EQ(for_terminal("\xC2\x9B"
                         "31m"),
            "\\x9b31m");  // the one-character form of ESC [
  EXPECT_EQ(for_terminal("\x9B"), "\xEF\xBF\xBD");
  EXPECT_EQ(for_terminal("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
}

TEST(Utf8, Characters_are_counted_and_taken_from_both_ends) {
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("aé日😀"), 4U);
  EXPECT_EQ(utf8_first("é日"), "é");
  EXPECT_EQ(utf8_last("é日"), "日");
  EXPECT_EQ(utf8_first("😀"), "😀");
  EXPECT_EQ(utf8_last("a"), "a");
  EXPECT_EQ(utf8_first(""), "");
  EXPECT_EQ(utf8_last(""), "");
}

}  // namespace
}  // namespace npu
