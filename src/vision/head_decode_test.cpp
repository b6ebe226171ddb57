#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vision/head.hpp"
#include "vision/heads_golden.hpp"
#include "vision/outputs_test_support.hpp"
#include "vision/suppress.hpp"

namespace npu::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Detection> found_in(const Tensors& tensors, media::Size input, float threshold,
                                const SuppressionRules& rules = {},
                                std::optional<HeadKind> told = {}) {
  const auto outputs = tensors.outputs();
  const auto head = find_head(outputs, input, told);
  EXPECT_TRUE(head) << head.error().message;
  if (!head) return {};
  Candidates candidates(1000);
  decode(*head, outputs, input, threshold, candidates);
  return suppress(std::move(candidates), rules);
}

Tensors golden_tensors(HeadKind kind) {
  Noise noise;
  Tensors tensors;
  constexpr int kWidth = 5 + kGoldenClasses;
  std::int64_t cells = 0;
  for (const int s : kStrides) {
    const std::int64_t rows = kGoldenInput.height / s;
    const std::int64_t columns = kGoldenInput.width / s;
    const auto n = static_cast<std::size_t>(rows * columns);
    cells += rows * columns;
    if (kind == HeadKind::kDfl) {
      tensors.add({rows, columns, 64}, noise(-4, 4, n * 64));
      tensors.add({rows, columns, kGoldenClasses}, noise(-6, 1.5F, n * kGoldenClasses));
    } else if (kind == HeadKind::kYolov5) {
      tensors.add({rows, columns, 3 * kWidth}, noise(-3, 3, n * 3 * kWidth));
    }
  }
  const auto n = static_cast<std::size_t>(cells);
  if (kind == HeadKind::kDecoded) {
    auto planes = noise(5, 60, 4 * n);
    const auto scores = noise(0, 0.8F, kGoldenClasses * n);
    planes.insert(planes.end(), scores.begin(), scores.end());
    tensors.add({4 + kGoldenClasses, cells}, std::move(planes));
  } else if (kind == HeadKind::kSsd) {
    constexpr std::size_t kRows = 60;
    const auto corner = noise(0, 0.6F, 2 * kRows);
    const auto size = noise(0.05F, 0.4F, 2 * kRows);
    std::vector<float> edges;
    for (std::size_t i = 0; i < kRows; ++i) {
      const float y = corner[2 * i];
      const float x = corner[2 * i + 1];
      for (const float edge : {y, x, y + size[2 * i], x + size[2 * i + 1]}) edges.push_back(edge);
    }
    tensors.add({1, kRows, 4}, std::move(edges));
    auto labels = noise(1, 1 + kGoldenClasses, kRows);
    for (float& label : labels) label = std::floor(label);
    tensors.add({1, kRows}, std::move(labels));
    tensors.add({1, kRows}, noise(0, 1, kRows));
    tensors.add({1}, {kRows - 5});
  } else if (kind == HeadKind::kYolox) {
    tensors.add({cells, kWidth}, noise(0, 1, n * kWidth));
  }
  return tensors;
}

TEST(DecodeHead, Finds_what_numpy_finds) {
  for (const GoldenHead& golden : kGoldenHeads) {
    const auto name = kHeadNames[static_cast<std::size_t>(golden.kind)];
    const auto found = found_in(
        golden_tensors(golden.kind), kGoldenInput, kGoldenThreshold,
        {.max_overlap = kGoldenOverlap, .agnostic = golden.agnostic, .max_detections = 300});
    ASSERT_EQ(found.size(), golden.kept.size()) << name;
    for (std::size_t i = 0; i < found.size(); ++i) {
      SCOPED_TRACE(fmt::format("{} {}", name, i));
      expect_found(found[i], golden.kept[i]);
    }
  }
}

constexpr media::Size kSmall{64, 32};

// Grids of an input of 64 x 32, all at `value`.
void add_grids(Tensors& tensors, std::int64_t channels, float value) {
  tensors.fill({4, 8, channels}, value);
  tensors.fill({2, 4, channels}, value);
  tensors.fill({1, 2, channels}, value);
}

TEST(DecodeHead, Scores_are_logits_where_one_is_far_from_0_to_1) {
  for (const auto& [rest, raw, score] :
       {std::tuple(0.F, 0.75F, 0.75), std::tuple(-9.F, 0.75F, 1 / (1 + std::exp(-0.75)))}) {
    Tensors tensors;
    add_grids(tensors, 64, 0);
    add_grids(tensors, 2, rest);
    tensors.all[3].second[(1 * 8 + 2) * 2 + 1] = raw;  // column 2, row 1, class 1
    const auto found = found_in(tensors, kSmall, 0.5F);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NEAR(found[0].score, score, 1e-6);
    EXPECT_EQ(found[0].label, 1);
    EXPECT_EQ(found[0].box, (Box{20 - 60, 12 - 60, 20 + 60, 12 + 60}));  // 7.5 bins of 8 pixels
  }
}

TEST(DecodeHead, Of_a_yolox_on_grids_objectness_and_class_are_multiplied) {
  Tensors tensors;
  add_grids(tensors, 4, 0);
  add_grids(tensors, 1, 0);
  add_grids(tensors, 3, 0);
  tensors.all[1].second[3 * 4 + 0] = 0.5F;  // stride 16, row 0, column 3
  tensors.all[4].second[3] = 0.8F;
  tensors.all[7].second[3 * 3 + 2] = 0.75F;
  const auto found = found_in(tensors, kSmall, 0.5F);
  EXPECT_THAT(found, ElementsAre(Detection{{48, -8, 64, 8}, 0.8F * 0.75F, 2}));
  EXPECT_THAT(found_in(tensors, kSmall, 0.7F), IsEmpty());
}

TEST(DecodeHead, Rows_are_in_shares_of_the_input_or_in_its_pixels) {
  Tensors shares;
  shares.add({3, 6}, {0.25F, 0.5F, 0.75F, 1, 0.9F, 3, 0, 0, 1, 1, 0.1F, 4, 0, 0, 0, 0, 0, -1});
  EXPECT_THAT(found_in(shares, {640, 320}, 0.5F),
              ElementsAre(Detection{{160, 160, 480, 320}, 0.9F, 3}));
  Tensors pixels;
  pixels.add({2, 6}, {10, 20, 200, 100, 0.9F, 3, 0, 0, 0, 0, 0, 0});
  EXPECT_THAT(found_in(pixels, {640, 320}, 0), ElementsAre(Detection{{10, 20, 200, 100}, 0.9F, 3}));
}

TEST(DecodeHead, A_row_with_a_label_that_is_none_is_no_detection) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  Tensors rows;
  rows.add({3, 6}, {0, 0, 1, 1, 0.9F, kNan, 0, 0, 1, 1, 0.9F, 1e30F, 0, 0, 1, 1, kNan, 1});
  EXPECT_THAT(found_in(rows, kSmall, 0.1F), IsEmpty());
}

// As many columns as a real network has, so that blocks of them and a rest are looked through.
TEST(DecodeHead, Each_column_of_a_decoded_output_is_looked_at) {
  Tensors tensors;
  auto& planes = tensors.fill({4 + 3, 8400}, 0);
  for (const std::size_t column : {0U, 255U, 256U, 4000U, 8191U, 8192U, 8399U}) {
    const std::size_t label = column % 3;
    const auto x = static_cast<float>(column);
    const float values[] = {x, 50, 4, 8, 0, 0, 0};
    for (std::size_t i = 0; i < 7; ++i) planes[i * 8400 + column] = values[i];
    planes[(4 + label) * 8400 + column] = 0.5F;
    EXPECT_THAT(found_in(tensors, {640, 640}, 0.4F),
                ElementsAre(Detection{{x - 2, 46, x + 2, 54}, 0.5F, static_cast<int>(label)}));
    planes[(4 + label) * 8400 + column] = 0;
  }
}

TEST(DecodeHead, A_segmenters_mask_coefficients_are_no_classes) {
  Tensors tensors;
  auto& planes = tensors.fill({4 + 2 + 3, 42}, 9);
  std::fill_n(planes.begin() + 4 * 42, 2 * 42, 0.F);
  planes[4 * 42 + 7] = 0.5F;
  tensors.fill({3, 8, 16}, 0);
  EXPECT_THAT(found_in(tensors, kSmall, 0.4F),
              ElementsAre(Detection{{4.5F, 4.5F, 13.5F, 13.5F}, 0.5F, 0}));
}

TEST(DecodeHead, Outputs_of_an_ssd_are_known_by_their_names_where_they_have_some) {
  const std::vector<float> edges{0.25F, 0.5F, 0.75F, 1};
  const std::vector<float> one{1};
  const std::vector<float> two{2};
  const std::vector<float> score{0.5F};
  const Shape box{1, 1, 4};
  const Shape row{1, 1};
  const Shape single{1};
  const std::vector<Output> outputs{
      {box, score, "raw_detection_boxes:0"}, {row, two, "detection_multiclass_scores:0"},
      {single, one, "num_detections:0"},     {row, score, "detection_scores:0"},
      {box, edges, "detection_boxes:0"},     {row, two, "detection_classes:0"}};
  const auto head = find_head(outputs, kSmall);
  ASSERT_TRUE(head) << head.error().message;
  Candidates candidates(10);
  decode(*head, outputs, kSmall, 0.1F, candidates);
  EXPECT_THAT(std::move(candidates).take(), ElementsAre(Detection{{32, 8, 64, 24}, 0.5F, 1}));
}

TEST(DecodeHead, Outputs_full_of_what_is_no_number_give_nothing) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity(), 3e38F}) {
    for (const HeadKind kind : {HeadKind::kDfl, HeadKind::kDecoded, HeadKind::kYolov5,
                                HeadKind::kYolox, HeadKind::kSsd}) {
      Tensors tensors = golden_tensors(kind);
      for (auto& [shape, data] : tensors.all) std::ranges::fill(data, value);
      for (const Detection& one : found_in(tensors, kGoldenInput, 0.1F)) {
        EXPECT_TRUE(std::isfinite(one.box.area()) && std::isfinite(one.score));
      }
    }
  }
}

}  // namespace
}  // namespace npu::vision
