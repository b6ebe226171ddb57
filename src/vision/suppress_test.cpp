#include "vision/suppress.hpp"

#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<Detection> suppressed(const std::vector<Detection>& found,
                                  const SuppressionRules& rules, std::size_t most = 1000) {
  Candidates candidates(most);
  for (const Detection& one : found) candidates.add(one);
  return suppress(std::move(candidates), rules);
}

// Many that overlap, and many with the same score.
std::vector<Detection> crowd(std::mt19937& random, int count) {
  std::vector<Detection> found;
  const auto whole = [&](int most) {
    return static_cast<float>(std::uniform_int_distribution(0, most)(random));
  };
  for (int i = 0; i < count; ++i) {
    const float x = whole(40);
    const float y = whole(40);
    found.push_back({{x, y, x + 1 + whole(30), y + 1 + whole(30)},
                     (1 + whole(9)) / 10,
                     static_cast<int>(whole(2))});
  }
  return found;
}

TEST(Suppress, Its_result_does_not_depend_on_the_order_of_its_input) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    auto found = crowd(random, 120);
    const SuppressionRules rules{
        .max_overlap = 0.3F, .agnostic = round % 2 == 0, .max_detections = 20};
    const std::size_t most = round % 3 == 0 ? 30 : 1000;  // also where candidates are cut
    const auto first = suppressed(found, rules, most);
    std::ranges::shuffle(found, random);
    EXPECT_EQ(suppressed(found, rules, most), first) << round;
  }
}

TEST(Suppress, What_stays_overlaps_little_and_what_goes_is_overlapped_by_a_better_one) {
  std::mt19937 random(2);
  for (const bool agnostic : {false, true}) {
    const auto found = crowd(random, 200);
    const auto kept =
        suppressed(found, {.max_overlap = 0.4F, .agnostic = agnostic, .max_detections = 1000});
    const auto rivals = [&](const Detection& a, const Detection& b) {
      return (agnostic || a.label == b.label) && overlap(a.box, b.box) > 0.4F;
    };
    for (const Detection& one : found) {
      const bool stayed = std::ranges::find(kept, one) != kept.end();
      const bool beaten = std::ranges::any_of(kept, [&](const Detection& better) {
        return before(better, one) && rivals(better, one);
      });
      EXPECT_NE(stayed, beaten);
    }
  }
}

TEST(Suppress, Labels_do_not_suppress_each_other_unless_that_is_wanted) {
  const Detection cat{{0, 0, 10, 10}, 0.9F, 1};
  const Detection dog{{0, 0, 10, 9}, 0.8F, 2};
  EXPECT_THAT(suppressed({dog, cat}, {}), ElementsAre(cat, dog));
  EXPECT_THAT(suppressed({dog, cat}, {.agnostic = true}), ElementsAre(cat));
}

// The Python project cut first: ten boxes of one person left no room for the second.
TEST(Suppress, Duplicates_take_nobodys_place) {
  std::vector<Detection> found{{{100, 0, 110, 10}, 0.5F, 0}};
  for (int i = 0; i < 20; ++i)
    found.push_back({{0, 0, 10, 10}, 0.9F - 0.01F * static_cast<float>(i), 0});
  EXPECT_THAT(suppressed(found, {.max_detections = 2}),
              ElementsAre(Detection{{0, 0, 10, 10}, 0.9F, 0}, found[0]));
}

TEST(Suppress, What_is_not_finite_or_has_no_area_is_no_detection) {
  const std::vector<Detection> found{
      {{0, 0, 1, 1}, kNan, 0},    {{0, 0, 1, 1}, kInf, 0},     {{kNan, 0, 1, 1}, 0.5F, 0},
      {{0, 0, kInf, 1}, 0.5F, 0}, {{0, -kInf, 1, 1}, 0.5F, 0}, {{1, 0, 1, 1}, 0.5F, 0},
      {{0, 2, 1, 1}, 0.5F, 0},    {{0, 0, 1, 1}, 0, 0},        {{0, 0, 3e38F, 3e38F}, 0.5F, 0}};
  EXPECT_THAT(suppressed(found, {}), IsEmpty());
}

TEST(Suppress, The_best_candidates_are_kept_where_there_are_too_many) {
  Candidates candidates(3);
  for (int i = 1; i <= 100; ++i) {
    const auto x = static_cast<float>(i * 37 % 101);
    candidates.add({{x, 0, x + 1, 1}, x / 200, 0});
  }
  const auto best = std::move(candidates).take();
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].box.left, 100);
  EXPECT_EQ(best[2].box.left, 98);
}

// Also those that it would suppress otherwise, and whose place it would take.
TEST(Suppress, A_label_that_is_not_wanted_suppresses_nothing) {
  Candidates candidates(1, {.labels = {2, 5}});
  candidates.add({{0, 0, 10, 10}, 0.9F, 1});
  candidates.add({{0, 0, 10, 9}, 0.8F, 2});
  candidates.add({{0, 0, 10, 10}, 0.7F, 4});
  EXPECT_THAT(suppress(std::move(candidates), {.agnostic = true}),
              ElementsAre(Detection{{0, 0, 10, 9}, 0.8F, 2}));
}

TEST(Suppress, What_lies_outside_the_region_takes_nobodys_place) {
  Candidates candidates(1, {.region = Box{0, 10, 20, 30}});
  candidates.add({{0, 0, 10, 10}, 0.9F, 0});
  candidates.add({{20, 10, 30, 20}, 0.9F, 0});
  candidates.add({{0, 8, 10, 11}, 0.5F, 0});
  EXPECT_THAT(suppress(std::move(candidates), {.max_detections = 1}),
              ElementsAre(Detection{{0, 8, 10, 11}, 0.5F, 0}));
}

TEST(Suppress, Scores_a_step_above_one_are_one) {
  const auto kept = suppressed({{{0, 0, 1, 1}, 1.004F, 0}}, {});
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].score, 1);
}

}  // namespace
}  // namespace npu::vision
