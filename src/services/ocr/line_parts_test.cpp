#include "services/ocr/line_parts.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace npu::ocr {
namespace {

vision::Quad line(double width) { return {{{0, 0}, {width, 0}, {width, 48}, {0, 48}}}; }

TEST(PlanStrips, Widths_are_steps_the_narrow_ones_first) {
  const Recogniser free{.height = 48, .width = 320, .step = 32, .max_width = 650};
  const std::vector<vision::Quad> quads{line(10), line(321), line(320)};
  const auto strips = plan_strips(quads, free);
  ASSERT_EQ(strips.size(), 3U);
  EXPECT_EQ(strips[0].region, 0U);
  EXPECT_EQ(strips[0].width, 320);
  EXPECT_EQ(strips[0].text.width, 10);
  EXPECT_EQ(strips[1].region, 2U);
  EXPECT_EQ(strips[2].width, 352);
  EXPECT_EQ(part_of(quads[0], strips[0]), quads[0]);
}

TEST(PlanStrips,
     What_is_longer_than_the_network_takes_has_several_that_overlap_and_keep_its_shape) {
  const Recogniser fixed{.height = 48, .width = 320, .step = 0, .max_width = 320};
  const Recogniser free{.height = 48, .width = 320, .step = 32, .max_width = 650};
  for (const Recogniser& recogniser : {fixed, free}) {
    for (const double length : {720., 2000., 4001.}) {
      const std::vector<vision::Quad> quads{line(length)};
      const auto strips = plan_strips(quads, recogniser);
      ASSERT_GT(strips.size(), 1U);
      EXPECT_EQ(strips.front().from, 0);
      EXPECT_EQ(strips.back().to, 1);
      for (std::size_t i = 0; i < strips.size(); ++i) {
        EXPECT_EQ(strips[i].width, recogniser.step == 0 ? 320 : 640);
        EXPECT_LE(strips[i].text.width, strips[i].width);
        EXPECT_NEAR(strips[i].text.width, (strips[i].to - strips[i].from) * length, 1);
        if (i > 0) {
          EXPECT_NEAR((strips[i - 1].to - strips[i].from) * length, 48, 1e-6);
        }
      }
    }
  }
}

TEST(PlanStrips, Of_a_line_without_end_there_are_so_many) {
  const Recogniser fixed{.height = 48, .width = 320, .step = 0, .max_width = 320};
  const auto strips = plan_strips(std::vector{line(1e6)}, fixed);
  EXPECT_EQ(strips.size(), 16U);
  for (const Strip& strip : strips) EXPECT_EQ(strip.text.width, 320);
  EXPECT_EQ(plan_strips(std::vector{line(0)}, fixed)[0].text.width, 1);
}

TEST(PlanStrips, A_line_that_is_a_little_too_long_is_squeezed) {
  const Recogniser fixed{.height = 48, .width = 320, .step = 0, .max_width = 320};
  const auto strips = plan_strips(std::vector{line(350)}, fixed);
  ASSERT_EQ(strips.size(), 1U);
  EXPECT_EQ(strips[0].text.width, 320);
  EXPECT_EQ(plan_strips(std::vector{line(353)}, fixed).size(), 2U);
}

TEST(PlanSqueezed, A_classifier_sees_the_whole_line) {
  const auto strips = plan_squeezed(std::vector{line(2000), line(100)}, {192, 48});
  ASSERT_EQ(strips.size(), 2U);
  EXPECT_EQ(strips[0].text.width, 192);
  EXPECT_EQ(strips[1].text.width, 100);
}

// A part of a line of 20 letters, each of which is a twentieth of it and has ink in its middle
// half.
LinePart part_with(std::string_view letters, std::size_t first, std::size_t count) {
  LinePart part;
  part.strip = {.text = {static_cast<int>(10 * count), 48},
                .width = 320,
                .from = static_cast<double>(first) / 20,
                .to = static_cast<double>(first + count) / 20};
  part.read.confidence = 0.5F;
  for (std::size_t i = 0; i < count; ++i) {
    const double from = 10. * static_cast<double>(i) / 320;
    part.read.characters.push_back({letters.substr(first + i, 1), from, from + 10. / 320});
    part.gaps.push_back({from + 7.5 / 320, from + 12.5 / 320});
  }
  return part;
}

constexpr std::string_view kLetters = "abcdefghijklmnopqrst";

TEST(JoinParts, Letters_of_the_overlap_are_there_once_where_they_stand) {
  const auto whole = join_parts(std::vector{part_with(kLetters, 0, 9), part_with(kLetters, 6, 9),
                                            part_with(kLetters, 12, 8)});
  EXPECT_EQ(whole.read.text, kLetters);
  EXPECT_FLOAT_EQ(whole.read.confidence, 0.5F);
  ASSERT_EQ(whole.read.characters.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_NEAR(whole.read.characters[i].from, static_cast<double>(i) / 20, 1e-9);
  }
  EXPECT_EQ(whole.gaps.size(), 20U);
}

TEST(JoinParts, What_the_edges_cut_is_not_believed) {
  LinePart left = part_with(kLetters, 0, 9);
  LinePart right = part_with(kLetters, 6, 14);
  left.read.characters.back().text = "#";    // i, cut on its right
  right.read.characters.front().text = "%";  // g, cut on its left
  EXPECT_EQ(join_parts(std::vector{left, right}).read.text, kLetters);
}

TEST(JoinParts, The_widest_gap_parts_words) {
  LinePart left = part_with(kLetters, 0, 10);
  LinePart right = part_with(kLetters, 6, 14);
  left.gaps[6] = {left.gaps[6].from - 5. / 320, left.gaps[6].to + 5. / 320};  // behind g
  right.read.characters[0].text = "%";
  left.read.characters[7].text = "#";
  EXPECT_EQ(join_parts(std::vector{left, right}).read.text, kLetters);
}

TEST(JoinParts, A_space_at_the_border_is_not_lost) {
  LinePart left = part_with(kLetters, 0, 10);
  LinePart right = part_with(kLetters, 6, 14);
  left.read.characters[8].text = " ";  // each sees it a little on the other's side
  left.read.characters[8].from -= 2. / 320;
  left.gaps = {};
  right.read.characters[2].text = " ";
  right.read.characters[2].to -= 9. / 320;
  auto whole = join_parts(std::vector{left, right});
  vision::tidy_spaces(whole.read);
  EXPECT_EQ(whole.read.text, "abcdefgh jklmnopqrst");
}

TEST(JoinParts, One_alone_is_itself_and_nothing_is_nothing) {
  const auto whole = join_parts(std::vector{part_with(kLetters, 0, 20)});
  EXPECT_EQ(whole.read.text, kLetters);
  EXPECT_NEAR(whole.read.characters.back().to, 1, 1e-9);
  LinePart blank = part_with(kLetters, 0, 5);
  blank.read = {};
  EXPECT_EQ(join_parts(std::vector{blank}).read.confidence, 0);
}

}  // namespace
}  // namespace npu::ocr
