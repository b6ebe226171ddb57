#include "vision/text_gaps.hpp"

#include <string>

#include <gtest/gtest.h>

namespace npu::vision {
namespace {

constexpr int kGapHeight = 48;

// Ink where there is an x, 10 pixels each, in a strip with 20 pixels of something else behind.
std::vector<std::uint8_t> strip_of(const std::string& columns, int ink = 20, int paper = 230) {
  const int width = static_cast<int>(columns.size()) * 10 + 20;
  std::vector<std::uint8_t> strip;
  for (int y = 0; y < kGapHeight; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool black =
          x < width - 20 && columns[static_cast<std::size_t>(x / 10)] == 'x' && y > 14 && y < 34;
      strip.insert(strip.end(), 3, static_cast<std::uint8_t>(black ? ink : paper));
    }
  }
  return strip;
}

std::vector<TextGap> gaps_of(const std::string& columns, int ink = 20, int paper = 230) {
  const int width = static_cast<int>(columns.size()) * 10;
  return find_gaps(strip_of(columns, ink, paper), {width, kGapHeight}, width + 20);
}

// Each character is seen in the middle of its column; ' ' is one that the network has read.
CtcText read_of(const std::string& columns, const std::string& text, const Alphabet& alphabet) {
  CtcText read;
  read.text = text;
  const double width = static_cast<double>(columns.size()) * 10 + 20;
  std::size_t next = 0;
  for (std::size_t i = 0; i < columns.size() && next < text.size(); ++i) {
    if (columns[i] != 'x' && text[next] != ' ') continue;
    for (std::size_t c = 1; c < alphabet.classes(); ++c) {
      if (alphabet[c] == text.substr(next, 1)) {
        const double from = static_cast<double>(i) * 10 / width;
        read.characters.push_back({alphabet[c], from, from + 10 / width});
        break;
      }
    }
    ++next;
  }
  return read;
}

std::string spaced(const std::string& columns, const std::string& text) {
  const Alphabet latin = Alphabet::latin97();
  CtcText read = read_of(columns, text, latin);
  add_spaces(read, gaps_of(columns), kGapHeight / (static_cast<double>(columns.size()) * 10 + 20));
  std::string characters;
  for (const auto& one : read.characters) characters += one.text;
  EXPECT_EQ(characters, read.text);
  return read.text;
}

TEST(FindGaps, Columns_without_ink_in_shares_of_the_strip) {
  const auto gaps = gaps_of("x.x..");
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_NEAR(gaps[0].from, 10 / 70., 1e-9);
  EXPECT_NEAR(gaps[0].to, 20 / 70., 1e-9);
  EXPECT_NEAR(gaps[1].to, 50 / 70., 1e-9);
  EXPECT_EQ(gaps_of("x.x..", 230, 20).size(), 2U) << "white on black";
  EXPECT_EQ(gaps_of("x.x..", 120, 150).size(), 2U) << "faint";
}

TEST(FindGaps, Ink_near_the_upper_edge_counts_as_the_arm_of_a_T_and_on_the_edge_not) {
  constexpr int kHeight = 40;
  const auto gaps_with_ink_at = [](int row) -> double {
    std::vector<std::uint8_t> strip;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < 60; ++x) {
        const bool ink = x < 10 || x >= 50 || (y == row && x < 30);
        strip.insert(strip.end(), 3, ink ? 20 : 230);
      }
    }
    const auto gaps = find_gaps(strip, {60, kHeight}, 60);
    return gaps.size() == 1 ? gaps[0].from * 60 : -1;
  };
  EXPECT_NEAR(gaps_with_ink_at(3), 30, 1e-6);
  EXPECT_NEAR(gaps_with_ink_at(0), 10, 1e-6) << "of the line above";
}

TEST(FindGaps, A_strip_without_paper_has_none) {
  std::vector<std::uint8_t> gradient;
  for (int y = 0; y < kGapHeight; ++y) {
    for (int x = 0; x < 200; ++x) gradient.insert(gradient.end(), 3, static_cast<std::uint8_t>(x));
  }
  EXPECT_TRUE(find_gaps(gradient, {200, kGapHeight}, 200).empty());
}

TEST(AddSpaces, Where_a_gap_is_much_wider_than_between_letters) {
  EXPECT_EQ(spaced("xx..xxx", "abcde"), "ab cde");
  EXPECT_EQ(spaced("xx.xx.xx", "abcdef"), "ab cd ef");
  EXPECT_EQ(spaced("x.x.x.x", "abcd"), "abcd") << "letters that stand apart";
  EXPECT_EQ(spaced("xxxx", "abcd"), "abcd");
  EXPECT_EQ(spaced("x", "a"), "a");
}

TEST(AddSpaces, Not_again_where_the_network_has_read_one) {
  EXPECT_EQ(spaced("xx..xx", "ab cd"), "ab cd");
  // Spaces are 30 pixels wide here: 20 are none.
  EXPECT_EQ(spaced("xx...xx...xx..xx", "ab cd eigh"), "ab cd eigh");
}

TEST(AddSpaces, Behind_an_f_that_bends_over_it_less_is_one) {
  EXPECT_EQ(spaced("xx...xx...xx..xx", "ab cd ofgh"), "ab cd of gh");
  EXPECT_EQ(spaced("xx...xx...xxxx", "ab cd ofgh"), "ab cd ofgh");
}

TEST(AddSpaces, Not_before_punctuation_and_not_in_numbers) {
  EXPECT_EQ(spaced("xx..xxx", "ab,cd"), "ab,cd");
  EXPECT_EQ(spaced("xxx..xx", "12.34"), "12.34");
  EXPECT_EQ(spaced("xxx..xx", "ab.cd"), "ab. cd");
}

TEST(TidySpaces, None_at_the_ends_and_one_between) {
  const auto tidied = [](const std::vector<std::string_view>& characters) {
    CtcText read;
    for (const std::string_view one : characters) read.characters.push_back({one, 0, 1});
    tidy_spaces(read);
    std::string text;
    for (const auto& one : read.characters) text += one.text;
    EXPECT_EQ(text, read.text);
    return text;
  };
  EXPECT_EQ(tidied({" ", " ", "a", " ", " ", "b", "c", " ", "d", " "}), "a bc d");
  EXPECT_EQ(tidied({" ", " "}), "");
  EXPECT_EQ(tidied({}), "");
}

TEST(NarrowPunctuation, Only_where_nothing_is_chinese) {
  const Alphabet letters({"a", "，", "字", "！"});
  auto latin = read_ctc(std::vector<float>{1, 1, 2, 1, 1, 1, 4, 1}, letters);
  narrow_punctuation(latin);
  EXPECT_EQ(latin.text, "a,a!");
  EXPECT_EQ(latin.characters[1].text, ",");
  auto chinese = read_ctc(std::vector<float>{3, 1, 2, 1}, letters);
  narrow_punctuation(chinese);
  EXPECT_EQ(chinese.text, "字，");
}

}  // namespace
}  // namespace npu::vision
