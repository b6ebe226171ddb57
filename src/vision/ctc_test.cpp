#include "vision/ctc.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace npu::vision {
namespace {

// Steps of these classes, each with this score.
std::vector<float> steps(std::initializer_list<float> classes, float score = 0.5F) {
  std::vector<float> best;
  for (const float one : classes) best.insert(best.end(), {one, score});
  return best;
}

const Alphabet kAlphabet({"a", "b", "字", " "});

TEST(ReadCtc, Repeated_classes_are_one_character_unless_a_blank_parts_them) {
  const auto read = read_ctc(steps({0, 1, 1, 0, 1, 2, 2, 3, 4, 0, 0}), kAlphabet);
  EXPECT_EQ(read.text, "aab字 ");
  EXPECT_EQ(read.confidence, 0.5F);
}

TEST(ReadCtc, The_confidence_is_the_mean_of_what_each_character_began_with) {
  const auto read = read_ctc(std::vector<float>{1, 0.75F, 1, 0.1F, 0, 0.9F, 2, 0.25F}, kAlphabet);
  EXPECT_EQ(read.text, "ab");
  EXPECT_EQ(read.confidence, 0.5F);
  EXPECT_EQ(read_ctc(steps({0, 0}), kAlphabet).confidence, 0);
  EXPECT_EQ(read_ctc({}, kAlphabet).text, "");
}

TEST(ReadCtc, Characters_know_where_they_were_seen) {
  const auto read = read_ctc(steps({0, 1, 1, 0, 0, 3, 0, 0}), kAlphabet);
  ASSERT_EQ(read.characters.size(), 2U);
  EXPECT_EQ(read.characters[0].from, 1 / 8.);
  EXPECT_EQ(read.characters[0].to, 3 / 8.);
  EXPECT_EQ(read.characters[1].text, "字");
  EXPECT_EQ(read.characters[1].from, 5 / 8.);
}

TEST(ReadCtc, What_is_no_class_is_blank) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(read_ctc(steps({1, 5, 1, -1, 1e30F, kNan, 2}), kAlphabet).text, "aab");
  EXPECT_EQ(read_ctc(std::vector<float>{1, kNan, 2, 1}, kAlphabet).confidence, 0.5F);
  EXPECT_EQ(read_ctc(steps({1}), Alphabet()).text, "");
}

TEST(Alphabet, Of_97_classes_is_the_table_of_the_python_project) {
  const Alphabet latin = Alphabet::latin97();
  EXPECT_EQ(latin.classes(), 97U);
  EXPECT_EQ(latin[0], "");
  EXPECT_EQ(latin[1], "0");
  EXPECT_EQ(latin[11], ":");
  EXPECT_EQ(latin[18], "A");
  EXPECT_EQ(latin[44], "[");
  EXPECT_EQ(latin[49], "`");
  EXPECT_EQ(latin[50], "a");
  EXPECT_EQ(latin[76], "{");
  EXPECT_EQ(latin[80], "!");
  EXPECT_EQ(latin[94], "/");
  EXPECT_EQ(latin[95], " ");
  EXPECT_EQ(latin[96], " ");
  EXPECT_EQ(latin[97], "");
}

}  // namespace
}  // namespace npu::vision
