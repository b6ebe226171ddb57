#include "text/stop_filter.hpp"

#include <gtest/gtest.h>

namespace npu::text {
namespace {

using Strings = std::vector<std::string>;

std::string until_stop(const Strings& pieces, const Strings& stops) {
  StopFilter filter(stops);
  std::string text;
  for (const auto& piece : pieces) text += filter.push(piece);
  return text + filter.finish();
}

TEST(StopFilter, Ends_the_text_before_a_string_wherever_two_pieces_cut_it) {
  const std::string text = "Yes.\nUser: and more";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(until_stop({text.substr(0, cut), text.substr(cut)}, {"\nUser:"}), "Yes.") << cut;
  }
}

TEST(StopFilter, Tells_which_string_it_was_and_passes_on_nothing_after_it) {
  StopFilter filter({"STOP", "\n\n"});
  EXPECT_EQ(filter.push("a b"), "a b");
  EXPECT_FALSE(filter.stopped_by());
  EXPECT_EQ(filter.push(" c\n\nd"), " c");
  EXPECT_EQ(filter.stopped_by(), "\n\n");
  EXPECT_EQ(filter.push("e"), "");
  EXPECT_EQ(filter.finish(), "");
}

TEST(StopFilter, Holds_back_only_what_may_become_a_stop_string) {
  StopFilter filter({"abcd"});
  EXPECT_EQ(filter.push("xab"), "x");
  EXPECT_EQ(filter.push("c"), "");
  EXPECT_EQ(filter.push("e"), "abce");
  EXPECT_EQ(filter.push("aba"), "ab");
  EXPECT_EQ(filter.push("b"), "");
  EXPECT_EQ(filter.finish(), "ab");
  StopFilter none({});
  EXPECT_EQ(none.push("anything"), "anything");
}

TEST(StopFilter, A_string_that_begins_within_a_failed_beginning_is_found) {
  EXPECT_EQ(until_stop({"aa", "aab!"}, {"aab"}), "aa");
  EXPECT_EQ(until_stop({"ababa", "bc"}, {"ababc"}), "ab");
}

TEST(StopFilter, Of_overlapping_strings_the_first_to_be_complete_ends_the_text) {
  EXPECT_EQ(until_stop({"xabcd"}, {"abcd", "bc"}), "xa");
  EXPECT_EQ(until_stop({"xab", "cd"}, {"abcd", "bc"}), "xa");
  EXPECT_EQ(until_stop({"xabc"}, {"c", "abc", "bc"}), "x") << "all at one letter: the longest";
}

TEST(StopFilter, Characters_are_passed_on_whole) {
  StopFilter filter({"\xC3\xA4!"});
  EXPECT_EQ(filter.push("a\xC3"), "a");
  EXPECT_EQ(filter.push("\xA4"), "") << "may become a stop string";
  EXPECT_EQ(filter.push("\xF0\x9F"), "\xC3\xA4");
  EXPECT_EQ(filter.push("\x90\x88"), "\xF0\x9F\x90\x88");
  EXPECT_EQ(filter.push("\xC3"), "");
  EXPECT_EQ(filter.push("\xA4!"), "");
  EXPECT_TRUE(filter.stopped_by());
}

TEST(StopFilter, What_was_held_back_comes_at_the_end) {
  EXPECT_EQ(until_stop({"12", "3ST", "OP"}, {"STOPPED"}), "123STOP");
  EXPECT_EQ(until_stop({"\xE2\x82"}, {}), "\xE2\x82");
}

}  // namespace
}  // namespace npu::text
