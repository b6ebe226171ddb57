#include "media/ascii_text.hpp"

#include <gtest/gtest.h>

namespace npu::media {
namespace {

TEST(AsciiText, Ascii_stays_as_it_is) {
  EXPECT_EQ(to_ascii("traffic light 92%", 100), "traffic light 92%");
  EXPECT_EQ(to_ascii("", 100), "");
}

// As Unicode's own decompositions, and the usual spelling where a letter has none.
TEST(AsciiText, Latin_letters_lose_their_marks) {
  EXPECT_EQ(to_ascii("Äpfel, Kürbis, Maß", 100), "Apfel, Kurbis, Mass");
  EXPECT_EQ(to_ascii("café à la crème, œuf, ÿ", 100), "cafe a la creme, oeuf, y");
  EXPECT_EQ(to_ascii("Żółw, ČŠŽ, İğ, Ĳssel, smørbrød, ſ", 100),
            "Zolw, CSZ, Ig, IJssel, smorbrod, s");
}

TEST(AsciiText, Signs_become_plain_ones_and_the_rest_a_question_mark_each) {
  EXPECT_EQ(to_ascii("“a” – ‘b’… 20 °C", 100), "\"a\" - 'b'... 20 degC");
  EXPECT_EQ(to_ascii("猫 кот 🐈", 100), "? ??? ?");
}

TEST(AsciiText, Bytes_that_are_no_text_are_drawn_too) {
  EXPECT_EQ(to_ascii("a\xff\xc3+\xe2\x82", 100), "a??+??");
  EXPECT_EQ(to_ascii(std::string("line\nend\0\x7f", 10), 100), "line end  ");
}

TEST(AsciiText, What_is_too_long_is_cut_and_says_so) {
  EXPECT_EQ(to_ascii("telephone", 9), "telephone");
  EXPECT_EQ(to_ascii("telephones", 9), "teleph...");
  EXPECT_EQ(to_ascii("ßßßß", 7), "ssss...");
  EXPECT_EQ(to_ascii("abc", 2), "ab");
  EXPECT_EQ(to_ascii(std::string(1'000'000, 'x'), 10).size(), 10U);
}

}  // namespace
}  // namespace npu::media
