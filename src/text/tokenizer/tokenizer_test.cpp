#include "text/tokenizer/tokenizer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/tokenizer/tokenizer_test_support.hpp"

namespace npu::text {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Tokenizer, Merges_the_pairs_of_lowest_rank_first) {
  const auto tokenizer = made({.tokens = {"a", "b", "c", "bc", "ab", "abc"},
                               .merges = {{"b", "c"}, {"a", "b"}, {"a", "bc"}}});
  EXPECT_THAT(tokens(tokenizer, "abc"), ElementsAre("abc"));
  EXPECT_THAT(tokens(tokenizer, "abab"), ElementsAre("ab", "ab"));
  EXPECT_THAT(tokens(tokenizer, "abcab"), ElementsAre("abc", "ab"));
}

TEST(Tokenizer, A_piece_that_is_a_token_is_still_merged_unless_merges_are_ignored) {
  Made parts{.tokens = {"a", "b", "ab", "aab"}, .merges = {{"a", "b"}}};
  for (int again = 0; again < 2; ++again) {
    EXPECT_THAT(tokens(made(parts), "aab"), ElementsAre("a", "ab"));
  }
  parts.model = R"("ignore_merges": true)";
  EXPECT_THAT(tokens(made(parts), "aab"), ElementsAre("aab"));
}

TEST(Tokenizer, What_is_not_in_the_vocabulary_is_bytes_or_unknown_or_nothing) {
  Made parts{.tokens = {"a", "?", "<0xC3>", "<0xA9>"}, .merges = {}};
  EXPECT_THAT(tokens(made(parts), "axé"), ElementsAre("a"));
  parts.model = R"("byte_fallback": true, "unk_token": "?")";
  EXPECT_THAT(tokens(made(parts), "axéa"), ElementsAre("a", "?", "<0xC3>", "<0xA9>", "a"));
  EXPECT_THAT(tokens(made(parts), "xx"), ElementsAre("?", "?"));
  parts.model = R"("fuse_unk": true, "unk_token": "?")";
  EXPECT_THAT(tokens(made(parts), "axxa"), ElementsAre("a", "?", "a"));
}

TEST(Tokenizer, A_long_text_is_cut_only_where_no_token_goes_over) {
  const auto tokenizer = made({.tokens = {"a", "b", "_", "_a", "ab", "_ab", "b_"},
                               .merges = {{"_", "a"}, {"a", "b"}, {"_a", "b"}, {"b", "_"}}});
  EXPECT_THAT(tokens(tokenizer, "_ab_ab"), ElementsAre("_ab", "_ab"));
  EXPECT_THAT(tokens(tokenizer, "bb_b"), ElementsAre("b", "b_", "b"));
}

TEST(Tokenizer, Bytes_have_names_and_any_text_comes_back) {
  const Tokenizer tokenizer = of_bytes();
  for (const std::string text :
       {"", " a", "naïve café", "\xF0\x9F\x98\x80 😀", "\n\t\0x", "日本語"}) {
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text).value()), text);
  }
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("a\xFFz").value()), "a\uFFFDz");
  EXPECT_EQ(tokenizer.find("Ġt"), tokenizer.encode(" t")->front());
  EXPECT_EQ(tokenizer.bytes_of(*tokenizer.find("Ġt")), " t");
}

TEST(Tokenizer, A_character_is_told_when_its_last_byte_has_come) {
  const Tokenizer tokenizer = of_bytes();
  const auto ids = tokenizer.encode("é😀").value();
  Detokenizer stream(tokenizer);
  std::vector<std::string> said(ids.size());
  std::ranges::transform(ids, said.begin(), [&](TokenId id) { return stream.add(id); });
  EXPECT_THAT(said, ElementsAre("", "é", "", "", "", "😀"));
  EXPECT_EQ(stream.finish(), "");
  EXPECT_EQ(stream.add(ids[2]), "");
  EXPECT_EQ(stream.finish(), "\uFFFD");
}

TEST(Tokenizer, What_is_told_in_pieces_is_what_is_told_at_once) {
  const std::string words = R"({"type": "WordPiece", "prefix": "##", "cleanup": true})";
  const std::string spaces =
      R"({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"})";
  const std::string llama = R"({"type": "Sequence", "decoders": [
      {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"},
      {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})";
  const std::string ends = R"({"type": "BPEDecoder", "suffix": "</w>"})";
  struct Case {
    std::string decoder;
    std::vector<std::string> tokens;
    std::string text;
  };
  for (const Case& c : std::vector<Case>{{"null", {"a", "b"}, "a b"},
                                         {words, {"a", "##b", "c", ".", "##d"}, "ab c.d"},
                                         {spaces, {"▁a", "b", "▁c", "▁▁"}, "ab c  "},
                                         {llama, {"▁", "▁a", "<0xC3>", "<0xA9>", "▁b"}, " aé b"},
                                         {ends, {"a", "b</w>", "c</w>"}, "ab c"}}) {
    Made parts{.tokens = c.tokens, .merges = {}};
    parts.decoder = c.decoder;
    const Tokenizer tokenizer = made(parts);
    std::vector<TokenId> ids(c.tokens.size());
    std::ranges::transform(c.tokens, ids.begin(),
                           [&](const std::string& token) { return *tokenizer.find(token); });
    EXPECT_EQ(tokenizer.decode(ids), c.text) << c.decoder;
  }
}

TEST(Tokenizer, Added_tokens_are_found_where_special_ones_are_wanted) {
  Made parts{.tokens = {"a", "<", "s", ">"}, .merges = {}};
  parts.added =
      R"([{"id": 10, "content": "<s>", "special": true}, {"id": 11, "content": "aa", "special": false}])";
  const Tokenizer tokenizer = made(parts);
  EXPECT_THAT(*tokenizer.encode("a<s>aaa", {.reads_special = true}), ElementsAre(0, 10, 11, 0));
  EXPECT_THAT(*tokenizer.encode("a<s>aaa"), ElementsAre(0, 1, 2, 3, 11, 0));
  EXPECT_EQ(tokenizer.size(), 12);
  EXPECT_TRUE(tokenizer.is_special(10));
  EXPECT_FALSE(tokenizer.is_special(11));
  const std::vector<TokenId> ids{0, 10, 11, 12, -1};
  EXPECT_EQ(tokenizer.decode(ids), "a aa");
  EXPECT_EQ(tokenizer.decode(ids, false), "a <s> aa");
}

TEST(Tokenizer, Added_tokens_take_spaces_with_them_or_want_words_end) {
  Made parts{.tokens = {"a", " "}, .merges = {}};
  parts.added = R"([{"id": 10, "content": "L", "lstrip": true, "special": true},
                    {"id": 11, "content": "R", "rstrip": true, "special": true},
                    {"id": 12, "content": "W", "single_word": true, "special": true}])";
  const Tokenizer tokenizer = made(parts);
  const auto ids = [&](std::string_view text) {
    return tokenizer.encode(text, {.reads_special = true}).value();
  };
  EXPECT_THAT(ids("a  La"), ElementsAre(0, 10, 0));
  EXPECT_THAT(ids("aR  a"), ElementsAre(0, 11, 0));
  EXPECT_THAT(ids("R L a"), ElementsAre(11, 10, 1, 0));
  EXPECT_THAT(ids("a W a"), ElementsAre(0, 1, 12, 1, 0));
  EXPECT_THAT(ids("aW Wa"), ElementsAre(0, 1, 0));
}

TEST(Tokenizer, What_a_model_wants_around_a_text) {
  Made parts{.tokens = {"a"}, .merges = {}};
  parts.post_processor = R"({"type": "BertProcessing", "sep": ["[SEP]", 7], "cls": ["[CLS]", 6]})";
  EXPECT_THAT(*made(parts).encode("a", {.adds_special = true}), ElementsAre(6, 0, 7));
  EXPECT_THAT(*made(parts).encode("a"), ElementsAre(0));
}

TEST(Tokenizer, The_best_scores_win_and_unknown_ones_in_a_row_are_one) {
  const auto tokenizer = Tokenizer::from_json(R"({"model": {"type": "Unigram", "unk_id": 0, "vocab":
      [["<unk>", 0], ["a", -1], ["b", -3], ["ab", -3.5], ["abb", -9]]}})");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_THAT(*tokenizer->encode("ab"), ElementsAre(3));
  EXPECT_THAT(*tokenizer->encode("abb"), ElementsAre(3, 2));
  EXPECT_THAT(*tokenizer->encode("axyzb"), ElementsAre(1, 0, 2));
}

TEST(Tokenizer, The_longest_beginning_of_a_word_then_the_longest_that_goes_on) {
  const auto tokenizer = Tokenizer::from_json(R"({"model": {"type": "WordPiece", "unk_token": "?",
      "continuing_subword_prefix": "##", "max_input_chars_per_word": 5,
      "vocab": {"?": 0, "a": 1, "ab": 2, "##c": 3, "##cd": 4, "é": 5, "##d": 6}},
      "pre_tokenizer": {"type": "WhitespaceSplit"}})");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_THAT(*tokenizer->encode("abcd abc éd acx ééxééé"), ElementsAre(2, 4, 2, 3, 5, 6, 0, 0));
}

TEST(Tokenizer, Files_that_are_wrong_are_refused_with_the_reason) {
  const auto why = [](std::string_view json) {
    const auto made = Tokenizer::from_json(json);
    return made ? "taken" : made.error().message;
  };
  EXPECT_THAT(why("{"), HasSubstr("at byte"));
  EXPECT_THAT(why("[]"), HasSubstr("no model"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": -1}}})"),
              HasSubstr("must be in 0.."));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": 1e9}}})"),
              HasSubstr("must be in 0.."));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": "b"}}})"), HasSubstr("model.vocab"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": ["a", "b"]}})"), HasSubstr("model.vocab"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": [["a"]]}})"), HasSubstr("model.vocab"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": 3}})"), HasSubstr("model.vocab"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}})"),
              HasSubstr("model.merges"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]}})"),
              HasSubstr("model.merges"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "a", "a"]]}})"),
              HasSubstr("model.merges"));
  EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]}})"),
              HasSubstr("needs the token \"aa\""));
  EXPECT_THAT(why(R"({"model": {"type": "WordLevel", "vocab": {"a": 0}}})"),
              HasSubstr("WordLevel"));
  EXPECT_THAT(why(R"({"model": {"type": "WordPiece", "vocab": {"a": 0}}})"), HasSubstr("[UNK]"));
  EXPECT_THAT(why(R"({"model": {"type": "Unigram", "vocab": [["a", 0]]}})"), HasSubstr("unk_id"));
  for (const std::string_view part : {"normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
    EXPECT_THAT(why(R"({"model": {"type": "BPE", "vocab": {"a": 0}}, ")" + std::string(part) +
                    R"(": {"type": "Odd"}})"),
                AllOf(HasSubstr(part), HasSubstr("Odd")));
  }
}

TEST(Tokenizer, Tokens_of_no_text_are_none) { EXPECT_THAT(*of_bytes().encode(""), IsEmpty()); }

}  // namespace
}  // namespace npu::text
