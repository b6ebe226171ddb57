#include "vision/text_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::vision {
namespace {

using ::testing::HasSubstr;
using Shape = std::vector<std::int64_t>;

constexpr media::Size kPage{960, 544};
constexpr media::Size kLine{320, 48};

std::string found(const Shape& shape, media::Size input,
                  std::optional<TextHeadKind> only = std::nullopt) {
  const Output output{shape, {}, "o"};
  const auto head = find_text_head(std::span(&output, 1), input, only);
  if (!head) return head.error().message;
  const std::string name(kTextHeadNames.at(static_cast<std::size_t>(head->kind)));
  return head->classes > 0 ? name + " " + std::to_string(head->classes) : name;
}

TEST(TextHead, A_map_has_a_value_for_each_pixel_however_the_device_lays_it_out) {
  for (const Shape& shape : {Shape{544, 960}, Shape{1, 544, 960}, Shape{1, 1, 544, 960},
                             Shape{544, 960, 1}, Shape{1, 544, 960, 1}, Shape{-1, 1, -1, -1}}) {
    EXPECT_EQ(found(shape, kPage), "db");
  }
}

TEST(TextHead, Steps_have_a_score_for_each_character) {
  for (const Shape& shape : {Shape{40, 97}, Shape{1, 40, 97}, Shape{1, 1, 40, 97}}) {
    EXPECT_EQ(found(shape, kLine), "ctc 97");
  }
  EXPECT_EQ(found({-1, -1, 6625}, kLine), "ctc 6625");
}

TEST(TextHead, Two_numbers_say_what_is_upside_down) {
  EXPECT_EQ(found({1, 2}, kLine), "upside-down");
  EXPECT_EQ(found({-1, 2}, kLine), "upside-down");
}

TEST(TextHead, What_is_told_counts) {
  EXPECT_THAT(found({544, 960}, kPage, TextHeadKind::kUpsideDown),
              HasSubstr("(544, 960) are none of text of the kind upside-down"));
  EXPECT_EQ(found({544, 960}, kPage, TextHeadKind::kSteps), "ctc 960");
}

TEST(TextHead, Others_are_told_what_would_do) {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{272, 480, 2}, Shape{40, 1}, Shape{0, 97}}) {
    EXPECT_THAT(found(shape, kPage), HasSubstr("what would do: a map of (544, 960)"));
  }
  const std::vector<Output> two(2);
  EXPECT_FALSE(find_text_head(two, kPage));
}

TEST(AlphabetOf, A_space_is_added_where_a_class_is_left) {
  EXPECT_EQ((*alphabet_of(3, {"a", "b"}))[3], "");
  EXPECT_EQ((*alphabet_of(4, {"a", "b"}))[3], " ");
  EXPECT_EQ(alphabet_of(97, {})->classes(), 97U);
}

TEST(AlphabetOf, What_is_missing_is_counted) {
  EXPECT_THAT(alphabet_of(18385, {}).error().message,
              HasSubstr("has 18385 classes and 0 characters are named; it needs a list of 18383"));
  EXPECT_FALSE(alphabet_of(5, {"a", "b"}));
  EXPECT_FALSE(alphabet_of(0, {}));
}

}  // namespace
}  // namespace npu::vision
