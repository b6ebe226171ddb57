#include "device/hailort/generation/text_budget.hpp"

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

TEST(TextBudget, Counts_the_places_of_pictures) {
  EXPECT_EQ(count_placeholders("no picture"), 0);
  EXPECT_EQ(count_placeholders("<|vision_start|><|image_pad|><|vision_end|>What?"), 1);
  EXPECT_EQ(count_placeholders("<|image_pad|><|image_pad|> < |image_pad|>"), 2);
}

TEST(TextBudget, A_picture_is_a_token_for_each_28_by_28_pixels) {
  EXPECT_EQ(tokens_of_picture({336, 336, 3}), 144);
  EXPECT_EQ(tokens_of_picture({28, 56, 3}), 2);
  EXPECT_EQ(tokens_of_picture({1, 1, 3}), 1);
  EXPECT_EQ(tokens_of_picture({}), 1);
}

TEST(TextBudget, An_answer_gets_what_it_wants_or_what_is_left) {
  EXPECT_EQ(room_for_answer({.capacity = 100, .used = 20, .prompt = 30}, 40).value(), 40);
  EXPECT_EQ(room_for_answer({.capacity = 100, .used = 20, .prompt = 30}, 51).value(), 50);
  EXPECT_EQ(room_for_answer({.capacity = 100, .used = 69, .prompt = 30}, 51).value(), 1);
}

TEST(TextBudget, A_prompt_that_leaves_no_room_for_an_answer_is_refused) {
  const auto full = room_for_answer({.capacity = 100, .used = 70, .prompt = 30}, 1);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(room_for_answer({.capacity = 100, .prompt = 2000}, 1));
}

}  // namespace
}  // namespace npu::device::hailort
