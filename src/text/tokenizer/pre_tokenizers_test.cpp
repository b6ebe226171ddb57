#include "text/tokenizer/pre_tokenizers.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> pieces(std::string_view described, std::string_view text,
                                bool is_first = true) {
  const auto split = make_pre_tokenizer(boost::json::parse(described));
  EXPECT_TRUE(split) << split.error().message;
  std::vector<std::string> all;
  const Status status =
      (*split)(text, is_first, [&](std::string_view piece) { all.emplace_back(piece); });
  EXPECT_TRUE(status) << status.error().message;
  return all;
}

std::vector<std::string> split_by_hyphens(std::string_view behaviour, std::string_view text) {
  return pieces(R"({"type": "Split", "pattern": {"String": "-"}, "invert": false, "behavior": ")" +
                    std::string(behaviour) + R"("})",
                text);
}

// The examples of the documents of Hugging Face's tokenizers.
TEST(PreTokenizers, Behaviours_of_a_split) {
  constexpr std::string_view kText = "the-final--countdown";
  EXPECT_THAT(split_by_hyphens("Removed", kText), ElementsAre("the", "final", "countdown"));
  EXPECT_THAT(split_by_hyphens("Isolated", kText),
              ElementsAre("the", "-", "final", "-", "-", "countdown"));
  EXPECT_THAT(split_by_hyphens("MergedWithPrevious", kText),
              ElementsAre("the-", "final-", "-", "countdown"));
  EXPECT_THAT(split_by_hyphens("MergedWithNext", kText),
              ElementsAre("the", "-final", "-", "-countdown"));
  EXPECT_THAT(split_by_hyphens("Contiguous", kText),
              ElementsAre("the", "-", "final", "--", "countdown"));
  EXPECT_THAT(split_by_hyphens("MergedWithPrevious", "-a-"), ElementsAre("-", "a-"));
  EXPECT_THAT(split_by_hyphens("MergedWithNext", "-a-"), ElementsAre("-a", "-"));
}

TEST(PreTokenizers, An_inverted_split_takes_what_is_between) {
  constexpr std::string_view kWords =
      R"({"type": "Split", "pattern": {"Regex": "[a-z]+"}, "behavior": "Removed", "invert": true})";
  EXPECT_THAT(pieces(kWords, "ab, cd!"), ElementsAre("ab", "cd"));
}

TEST(PreTokenizers, White_space_is_unicodes) {
  EXPECT_THAT(pieces(R"({"type": "WhitespaceSplit"})", "a\u00A0b\u3000c\u0085d\u180Ee\uFEFFf"),
              ElementsAre("a", "b", "c", "d\u180Ee\uFEFFf"));
  EXPECT_THAT(pieces(R"({"type": "Split", "pattern": {"Regex": "\\s"}, "behavior": "Removed"})",
                     "a\u00A0b\u0085d\u180Ee"),
              ElementsAre("a", "b", "d\u180Ee"));
  EXPECT_THAT(pieces(R"({"type": "Split", "pattern": {"Regex": "[^\\S]"}, "behavior": "Removed"})",
                     "a b\u180Ec"),
              ElementsAre("a", "b\u180Ec"));
  EXPECT_THAT(pieces(R"({"type": "Whitespace"})", "Hey, été 12!"),
              ElementsAre("Hey", ",", "été", "12", "!"));
}

TEST(PreTokenizers, Digits_are_those_of_all_scripts) {
  EXPECT_THAT(pieces(R"({"type": "Digits", "individual_digits": true})", "a12³५"),
              ElementsAre("a", "1", "2", "³", "५"));
  EXPECT_THAT(pieces(R"({"type": "Digits", "individual_digits": false})", "a12³५b"),
              ElementsAre("a", "12³५", "b"));
}

TEST(PreTokenizers, Punctuation_is_ascii_and_unicodes) {
  EXPECT_THAT(pieces(R"({"type": "Punctuation"})", "a$b、c"),
              ElementsAre("a", "$", "b", "、", "c"));
  EXPECT_THAT(pieces(R"({"type": "BertPreTokenizer"})", " it's 5€!"),
              ElementsAre("it", "'", "s", "5€", "!"));
}

TEST(PreTokenizers, Spaces_become_marks_that_begin_words) {
  EXPECT_THAT(pieces(R"({"type": "Metaspace", "prepend_scheme": "always"})", "a b  c"),
              ElementsAre("▁a", "▁b", "▁", "▁c"));
  EXPECT_THAT(pieces(R"({"type": "Metaspace", "prepend_scheme": "never"})", "a b"),
              ElementsAre("a", "▁b"));
  EXPECT_THAT(pieces(R"({"type": "Metaspace", "prepend_scheme": "first", "split": false})", "a b"),
              ElementsAre("▁a▁b"));
  EXPECT_THAT(
      pieces(R"({"type": "Metaspace", "prepend_scheme": "first", "split": false})", "a b", false),
      ElementsAre("a▁b"));
  EXPECT_THAT(pieces(R"({"type": "Metaspace", "prepend_scheme": "always"})", " a"),
              ElementsAre("▁a"));
}

TEST(PreTokenizers, Parts_of_a_sequence_split_what_the_one_before_gave) {
  constexpr std::string_view kTwo = R"({"type": "Sequence", "pretokenizers": [
      {"type": "WhitespaceSplit"}, {"type": "Digits", "individual_digits": true}]})";
  EXPECT_THAT(pieces(kTwo, "ab 12"), ElementsAre("ab", "1", "2"));
}

TEST(PreTokenizers, Bytes_begin_with_a_space_where_that_is_wanted) {
  EXPECT_THAT(pieces(R"({"type": "ByteLevel", "add_prefix_space": true})", "I'm here  now"),
              ElementsAre(" I", "'m", " here", " ", " now"));
  EXPECT_THAT(
      pieces(R"({"type": "ByteLevel", "use_regex": false, "add_prefix_space": false})", "a b"),
      ElementsAre("a b"));
}

TEST(PreTokenizers, An_expression_that_takes_too_long_is_an_error) {
  const auto split = make_pre_tokenizer(boost::json::parse(
      R"({"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated"})"));
  ASSERT_TRUE(split);
  const Status status = (*split)(std::string(40, 'a') + "b", true, [](std::string_view) {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
}

TEST(PreTokenizers, What_is_wrong_is_named) {
  const auto why = [](std::string_view described) {
    const auto made = make_pre_tokenizer(boost::json::parse(described));
    return made ? "taken" : made.error().message;
  };
  EXPECT_THAT(why(R"({"type": "Split", "pattern": {"Regex": "("}, "behavior": "Removed"})"),
              HasSubstr("at byte 1"));
  EXPECT_THAT(why(R"({"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Odd"})"),
              HasSubstr("Contiguous"));
  EXPECT_THAT(why(R"({"type": "Split", "pattern": "a", "behavior": "Removed"})"),
              HasSubstr("Regex"));
  std::string deep = R"({"type": "WhitespaceSplit"})";
  for (int i = 0; i < 12; ++i) deep = R"({"type": "Sequence", "pretokenizers": [)" + deep + "]}";
  EXPECT_THAT(why(deep), HasSubstr("not known"));
}

}  // namespace
}  // namespace npu::text
