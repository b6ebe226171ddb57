#include "text/end_filter.hpp"

#include <gtest/gtest.h>

namespace npu::text {
namespace {

const std::vector<std::string> kMarkers{"<|im_end|>", "<|endoftext|>", ""};

std::string filtered(const std::vector<std::string>& pieces,
                     const std::vector<std::string>& markers = kMarkers) {
  EndFilter filter(markers);
  std::string text;
  for (const auto& piece : pieces) text += filter.push(piece);
  return text + filter.finish();
}

TEST(EndFilter, Drops_a_marker_wherever_two_pieces_cut_it) {
  const std::string text = "A cat.<|im_end|>";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(filtered({text.substr(0, cut), text.substr(cut)}), "A cat.") << cut;
  }
}

TEST(EndFilter, Drops_a_marker_that_comes_byte_by_byte_and_several_in_a_row) {
  std::vector<std::string> bytes;
  for (const char c : std::string("A<|im_end|><|endoftext|><|im_end|>")) bytes.emplace_back(1, c);
  EXPECT_EQ(filtered(bytes), "A");
}

TEST(EndFilter, Passes_on_at_once_what_cannot_become_a_marker) {
  EndFilter filter(kMarkers);
  EXPECT_EQ(filter.push("A cat"), "A cat");
  EXPECT_EQ(filter.push(" <"), " ");
  EXPECT_EQ(filter.push("3"), "<3");
  EXPECT_EQ(filter.push("<|im_end|>"), "");
  EXPECT_EQ(filter.push("more"), "<|im_end|>more");
  EXPECT_EQ(filter.finish(), "");
}

TEST(EndFilter, Keeps_markers_in_the_middle_and_beginnings_that_stay_beginnings) {
  EXPECT_EQ(filtered({"a <|im_end|> b"}), "a <|im_end|> b");
  EXPECT_EQ(filtered({"a <|im_"}), "a <|im_");
  EXPECT_EQ(filtered({"a <|im_end|><|im_"}), "a <|im_end|><|im_");
}

TEST(EndFilter, Without_markers_everything_passes) {
  EndFilter filter({""});
  EXPECT_EQ(filter.push("<|im_end|>"), "<|im_end|>");
  EXPECT_EQ(filter.finish(), "");
}

TEST(EndFilter, Markers_that_begin_alike_do_not_hide_each_other) {
  const std::vector<std::string> markers{"ab", "abc"};
  EXPECT_EQ(filtered({"x", "ab", "c"}, markers), "x");
  EXPECT_EQ(filtered({"x", "ab", "d"}, markers), "xabd");
  EXPECT_EQ(filtered({"x", "abab"}, markers), "x");
  EXPECT_EQ(filtered({"aab"}, {"aab", "a"}), "");
}

TEST(EndFilter, Never_cuts_a_character_in_two) {
  const std::vector<std::string> markers{"<｜end▁of▁sentence｜>"};
  EndFilter filter(markers);
  EXPECT_EQ(filter.push("好<，"), "好<，");  // begins with the first byte of the marker's second
  EXPECT_EQ(filter.push("<｜"), "");
  EXPECT_EQ(filter.push("end▁of▁sentence｜>"), "");
  EXPECT_EQ(filter.finish(), "");
}

}  // namespace
}  // namespace npu::text
