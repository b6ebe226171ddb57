#include "text/clip_bpe.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The numbers of a byte: '!' is the first of the printable ones.
constexpr std::int32_t inner(char c) { return c - '!'; }
constexpr std::int32_t last(char c) { return 256 + c - '!'; }
constexpr std::int32_t kFirstMerge = 512;

ClipBpe of(const std::string& merges) {
  auto bpe = ClipBpe::from_merges("#version: 0.2\n" + merges);
  EXPECT_TRUE(bpe) << bpe.error().message;
  return std::move(*bpe);
}

TEST(ClipBpe, Without_merges_a_text_is_its_bytes) {
  const ClipBpe bpe = of("");
  EXPECT_EQ(bpe.size(), 514U);
  EXPECT_EQ(bpe.start(), 512);
  EXPECT_EQ(bpe.end(), 513);
  EXPECT_THAT(bpe.encode("Cat 7"), ElementsAre(inner('c'), inner('a'), last('t'), last('7')));
  EXPECT_THAT(bpe.encode("<|startoftext|><|endoftext|>"), ElementsAre(512, 513));
  EXPECT_TRUE(bpe.encode(" ").empty());
}

TEST(ClipBpe, The_first_merge_of_the_list_goes_first) {
  EXPECT_THAT(of("a b\nb c</w>\n").encode("abc"), ElementsAre(kFirstMerge, last('c')));
  EXPECT_THAT(of("b c</w>\na b\n").encode("abc"), ElementsAre(inner('a'), kFirstMerge));
  EXPECT_THAT(of("a b\nab c</w>\n").encode("abc"), ElementsAre(kFirstMerge + 1));
}

TEST(ClipBpe, Of_pairs_that_overlap_the_left_one_is_made) {
  EXPECT_THAT(of("a a\n").encode("aaaab"), ElementsAre(kFirstMerge, kFirstMerge, last('b')));
  EXPECT_THAT(of("a a\n").encode("aaab"), ElementsAre(kFirstMerge, inner('a'), last('b')));
}

TEST(ClipBpe, A_token_that_is_listed_twice_has_its_last_number) {
  // "abc" is made in two ways.
  const ClipBpe bpe = of("b c\na b\na bc\nab c\n");
  EXPECT_THAT(bpe.encode("abcz"), ElementsAre(kFirstMerge + 3, last('z')));
  EXPECT_EQ(bpe.size(), 512U + 4 + 2);
}

TEST(ClipBpe, No_more_tokens_than_are_wanted) {
  EXPECT_THAT(of("").encode("cats and dogs", 2), ElementsAre(inner('c'), inner('a')));
  EXPECT_THAT(of("").encode("cats", 0), ElementsAre());
}

TEST(ClipBpe, A_long_word_takes_no_square_of_its_length) {
  const ClipBpe bpe = of("a a\naa aa\naaaa aaaa\n");
  EXPECT_EQ(bpe.encode(std::string(1 << 20, 'a')).size(), (1U << 20) / 8 - 1 + 4);
}

TEST(ClipBpe, What_follows_the_merges_that_count_is_not_read) {
  std::string merges;
  for (std::size_t i = 0; i < ClipBpe::kMergesOfClip; ++i) merges += "x y\n";
  EXPECT_EQ(of(merges + "no merge at all\n").size(), 49408U);
}

TEST(ClipBpe, A_line_that_is_no_merge_is_named) {
  for (const char* line : {"", "ab", "a b c", " a", "a ", "a  b"}) {
    const auto bpe = ClipBpe::from_merges(fmt::format("#version\na b\n{}\nb c\n", line));
    ASSERT_FALSE(bpe) << line;
    EXPECT_EQ(bpe.error().code, ErrorCode::kMalformed);
    EXPECT_THAT(bpe.error().message, HasSubstr("line 3 of the merges must be two symbols"));
  }
  EXPECT_TRUE(ClipBpe::from_merges(""));
  EXPECT_TRUE(ClipBpe::from_merges("#version\r\na b\r\n"));
}

}  // namespace
}  // namespace npu::text
