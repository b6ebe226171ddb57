#include "families/vlm/end_marker.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace npu::families {
namespace {

std::string filtered(const std::vector<std::string>& pieces) {
  EndMarkerFilter filter("<|im_end|>");
  std::string out;
  for (const auto& piece : pieces) out += filter.push(piece);
  return out + filter.finish();
}

TEST(EndMarker, Is_dropped_at_the_end_however_it_is_cut) {
  const std::string text = "A cat.<|im_end|>";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(filtered({text.substr(0, cut), text.substr(cut)}), "A cat.") << cut;
  }
  std::vector<std::string> letters;
  for (const char c : text) letters.emplace_back(1, c);
  EXPECT_EQ(filtered(letters), "A cat.");
  EXPECT_EQ(filtered({text, "<|im_end|>"}), "A cat.");
  EXPECT_EQ(filtered({"<|im_end|>"}), "");
}

TEST(EndMarker, Text_that_only_begins_like_it_is_kept) {
  EXPECT_EQ(filtered({"a < b <", "| c"}), "a < b <| c");
  EXPECT_EQ(filtered({"ends with <|im_en"}), "ends with <|im_en");
  EXPECT_EQ(filtered({"<<|im_end|>"}), "<");
}

TEST(EndMarker, Inside_the_text_it_is_kept) {
  EXPECT_EQ(filtered({"a<|im_end|>", "b"}), "a<|im_end|>b");
}

TEST(EndMarker, Text_passes_on_at_once_where_no_marker_can_begin) {
  EndMarkerFilter filter("<|im_end|>");
  EXPECT_EQ(filter.push("hello <"), "hello ");
  EXPECT_EQ(filter.push("b"), "<b");
}

}  // namespace
}  // namespace npu::families
