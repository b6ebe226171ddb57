#include "device/sim/script.hpp"

#include <gtest/gtest.h>

namespace npu::device::sim {
namespace {

TEST(Tokens, Joined_are_the_text_again) {
  for (const std::string text :
       {"A cat sat.", "  two  spaces ", "", " ", "one", "l1\nl2 \u00e4\u00f6"}) {
    std::string joined;
    for (const auto token : split_tokens(text)) {
      EXPECT_FALSE(token.empty());
      joined += token;
    }
    EXPECT_EQ(joined, text);
  }
  EXPECT_EQ(split_tokens("A cat sat."), (std::vector<std::string_view>{"A", " cat", " sat."}));
}

TEST(LastUserText, Is_the_last_users_words_without_pictures) {
  EXPECT_EQ(
      last_user_text("<|im_start|>user\nold<|im_end|>\n<|im_start|>assistant\nx<|im_end|>\n"
                     "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>new<|im_end|>\n"
                     "<|im_start|>assistant\n"),
      "new");
  EXPECT_EQ(last_user_text("plain"), "plain");
  EXPECT_EQ(last_user_text("<|im_start|>user\ncut"), "cut");
}

TEST(CountTokens, Is_a_quarter_of_the_bytes_rounded_up) {
  EXPECT_EQ(count_tokens(""), 1);
  EXPECT_EQ(count_tokens("1234"), 1);
  EXPECT_EQ(count_tokens("12345"), 2);
}

}  // namespace
}  // namespace npu::device::sim
