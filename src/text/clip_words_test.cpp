#include "text/clip_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ClipWords, Letters_digits_and_the_rest_part_from_each_other) {
  EXPECT_THAT(clip_words("A photo of 23 cats!?  "),
              ElementsAre("a", "photo", "of", "2", "3", "cats", "!?"));
  EXPECT_THAT(clip_words("it's we'll DON'T o'clock"),
              ElementsAre("it", "'s", "we", "'ll", "don", "'t", "o", "'", "clock"));
  EXPECT_THAT(clip_words("<|StartOfText|>a<|endoftext|><|end"),
              ElementsAre("<|startoftext|>", "a", "<|endoftext|>", "<|", "end"));
}

TEST(ClipWords, Nothing_but_space_has_no_words) {
  EXPECT_THAT(clip_words(""), IsEmpty());
  EXPECT_THAT(clip_words(" \t\r\n\xC2\xA0\xE3\x80\x80\x1C"), IsEmpty());
}

TEST(ClipWords, Composed_and_decomposed_letters_are_the_same) {
  EXPECT_EQ(clip_words("Caf\xC3\x89"), clip_words("cafe\xCC\x81"));
}

// As Python's str.lower() has it.
TEST(ClipWords, A_sigma_at_the_end_of_a_word_is_another) {
  EXPECT_THAT(clip_words("ΟΔΟΣ ΣΑΣ."), ElementsAre("οδος", "σας", "."));
  EXPECT_THAT(clip_words("ΑΣ'Β Σ"), ElementsAre("ασ", "'", "β", "σ"));
}

TEST(ClipWords, What_is_no_utf8_is_the_replacement_character) {
  EXPECT_THAT(clip_words("a\xFFz\xE2\x82"),
              ElementsAre("a", "\xEF\xBF\xBD", "z", "\xEF\xBF\xBD\xEF\xBF\xBD"));
}

}  // namespace
}  // namespace npu::text
