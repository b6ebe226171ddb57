#include "vision/pose_head.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vision/anchors.hpp"
#include "vision/heads_golden.hpp"
#include "vision/outputs_test_support.hpp"
#include "vision/pose_golden.hpp"
#include "vision/suppress.hpp"

namespace npu::vision {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Person {
  Detection found;
  KeyPoints points;
};

std::vector<Person> people_in(const Tensors& tensors, media::Size input, float threshold,
                              const SuppressionRules& rules = {}) {
  const auto outputs = tensors.outputs();
  const auto head = find_pose_head(outputs, input);
  EXPECT_TRUE(head) << head.error().message;
  if (!head) return {};
  Candidates candidates(kMaxCandidates);
  decode_people(*head, outputs, input, threshold, candidates);
  std::vector<Person> people;
  for (const Detection& one : suppress(std::move(candidates), rules)) {
    people.push_back({one, key_points_of(*head, outputs, input, one.source)});
  }
  return people;
}

Tensors golden_grids() {
  Noise noise;
  Tensors tensors;
  for (const int s : kStrides) {
    const std::int64_t rows = kGoldenInput.height / s;
    const std::int64_t columns = kGoldenInput.width / s;
    const auto n = static_cast<std::size_t>(rows * columns);
    tensors.add({rows, columns, 64}, noise(-4, 4, n * 64));
    tensors.add({rows, columns, 1}, noise(-6, 1.5F, n));
    tensors.add({rows, columns, 51}, noise(-2, 2, n * 51));
  }
  return tensors;
}

Tensors golden_planes() {
  const std::int64_t n = anchors_of(kGoldenInput);
  auto values = Noise()(0, 1, static_cast<std::size_t>(56 * n));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t plane = i / static_cast<std::size_t>(n);
    if (plane < 4) {
      values[i] = 5 + 55 * values[i];
    } else if (plane == 4) {
      values[i] *= 0.8F;
    } else {
      constexpr float kScale[] = {96, 64, 1};
      values[i] *= kScale[(plane - 5) % 3];
    }
  }
  Tensors tensors;
  tensors.add({1, 56, n}, std::move(values));
  return tensors;
}

Tensors transposed(const Tensors& planes) {
  const auto& [shape, data] = planes.all.front();
  const auto n = static_cast<std::size_t>(shape[2]);
  std::vector<float> rows(data.size());
  for (std::size_t i = 0; i < data.size(); ++i) rows[i % n * 56 + i / n] = data[i];
  Tensors tensors;
  tensors.add({1, shape[2], 56}, std::move(rows));
  return tensors;
}

void expect_golden(const Tensors& tensors, PoseHeadKind kind) {
  const auto& golden = kGoldenPoseHeads[static_cast<std::size_t>(kind)];
  ASSERT_EQ(golden.kind, kind);
  const auto people = people_in(tensors, kGoldenInput, kGoldenPoseThreshold,
                                {.max_overlap = kGoldenOverlap, .max_detections = 300});
  ASSERT_EQ(people.size(), golden.kept.size());
  for (std::size_t i = 0; i < people.size(); ++i) {
    SCOPED_TRACE(i);
    expect_found(people[i].found, golden.kept[i].person);
    for (std::size_t k = 0; k < kKeyPoints; ++k) {
      EXPECT_NEAR(people[i].points[k].x, golden.kept[i].points[k].x, 0.01) << i << " " << k;
      EXPECT_NEAR(people[i].points[k].y, golden.kept[i].points[k].y, 0.01) << i << " " << k;
      EXPECT_NEAR(people[i].points[k].score, golden.kept[i].points[k].score, 1e-4) << i << " " << k;
    }
  }
}

TEST(PoseHead, Grids_hold_the_people_that_numpy_finds) {
  expect_golden(golden_grids(), PoseHeadKind::kDfl);
}

TEST(PoseHead, Outputs_are_told_apart_in_any_order) {
  Tensors tensors = golden_grids();
  std::ranges::reverse(tensors.all);
  std::swap(tensors.all[0], tensors.all[5]);
  expect_golden(tensors, PoseHeadKind::kDfl);
}

TEST(PoseHead, Planes_and_rows_hold_the_people_that_numpy_finds) {
  expect_golden(golden_planes(), PoseHeadKind::kDecoded);
  expect_golden(transposed(golden_planes()), PoseHeadKind::kDecoded);
}

TEST(PoseHead, Rows_of_an_export_with_suppression_are_people) {
  Tensors tensors;
  auto& rows = tensors.fill({1, 3, 57}, 0);
  for (std::size_t row = 0; row < 3; ++row) {
    const float head[] = {10, 20, 200, 100, 0.9F, row == 1 ? -1.F : 0.F};
    std::ranges::copy(head, rows.begin() + static_cast<std::ptrdiff_t>(row * 57));
  }
  rows[2 * 57 + 4] = 0.8F;
  rows[2 * 57 + 2] = 60;
  for (std::size_t i = 0; i < 51; ++i) rows[2 * 57 + 6 + i] = static_cast<float>(i) / 64;
  const auto people = people_in(tensors, {640, 320}, 0.5F);
  ASSERT_EQ(people.size(), 2U);
  EXPECT_EQ(people[0].found, (Detection{{10, 20, 200, 100}, 0.9F, 0}));
  EXPECT_EQ(people[1].found, (Detection{{10, 20, 60, 100}, 0.8F, 0}));
  EXPECT_EQ(people[1].points[16].x, 48.F / 64);
  EXPECT_EQ(people[1].points[16].y, 49.F / 64);
  EXPECT_EQ(people[1].points[16].score, 50.F / 64);
}

// What a network would say of a point, and back: of any anchor and any point near it.
TEST(PoseHead, A_point_comes_back_from_any_anchor) {
  constexpr media::Size kWide{160, 96};
  Tensors tensors;
  for (const int s : kStrides) {
    for (const std::int64_t channels : {64, 1, 51}) {
      tensors.fill({kWide.height / s, kWide.width / s, channels}, 0);
    }
  }
  for_each_anchor(kWide, [&](const Anchor& anchor) {
    auto& points = tensors.all[3 * anchor.level + 2].second;
    for (std::size_t k = 0; k < kKeyPoints; ++k) {
      const std::size_t at = anchor.cell * 51 + 3 * k;
      const auto away = static_cast<float>(k) - 8;
      points[at] = ((anchor.x() + away * 5) / anchor.stride - anchor.column) / 2;
      points[at + 1] = ((anchor.y() - away * 3) / anchor.stride - anchor.row) / 2;
      points[at + 2] = away;
    }
  });
  const auto outputs = tensors.outputs();
  const auto head = find_pose_head(outputs, kWide);
  ASSERT_TRUE(head);
  std::uint32_t source = 0;
  for_each_anchor(kWide, [&](const Anchor& anchor) {
    const KeyPoints points = key_points_of(*head, outputs, kWide, source++);
    for (std::size_t k = 0; k < kKeyPoints; ++k) {
      const float away = static_cast<float>(k) - 8;
      EXPECT_NEAR(points[k].x, anchor.x() + away * 5, 1e-3);
      EXPECT_NEAR(points[k].y, anchor.y() - away * 3, 1e-3);
      EXPECT_NEAR(points[k].score, 1 / (1 + std::exp(-away)), 1e-6);
    }
  });
}

// Twenty people side by side, each found by thirty anchors of which the best are better than the
// next person's: a cut before the suppression would leave nobody but the first.
TEST(PoseHead, Nobody_is_dropped_from_a_crowd_for_the_duplicates_of_others) {
  Tensors tensors;
  auto& planes = tensors.fill({56, 8400}, 0);
  for (std::size_t person = 0; person < 20; ++person) {
    for (std::size_t copy = 0; copy < 30; ++copy) {
      const std::size_t column = (person * 30 + copy) * 7;
      const float box[] = {
          16 + 30 * static_cast<float>(person), 300 + static_cast<float>(copy) / 8, 24, 80,
          0.95F - 0.02F * static_cast<float>(person) - 0.0001F * static_cast<float>(copy)};
      for (std::size_t i = 0; i < 5; ++i) planes[i * 8400 + column] = box[i];
      for (std::size_t k = 0; k < kKeyPoints; ++k) planes[(5 + 3 * k) * 8400 + column] = box[0];
    }
  }
  const auto people =
      people_in(tensors, {640, 640}, 0.3F, {.agnostic = true, .max_detections = 15});
  ASSERT_EQ(people.size(), 15U);
  for (std::size_t i = 0; i < people.size(); ++i) {
    EXPECT_EQ(people[i].found.box.left, 4 + 30 * static_cast<float>(i));
    EXPECT_EQ(people[i].points[5].x, 16 + 30 * static_cast<float>(i));
  }
}

void expect_finite(const Person& person) {
  EXPECT_TRUE(std::isfinite(person.found.box.area()) && std::isfinite(person.found.score));
  for (const KeyPoint& point : person.points) {
    EXPECT_TRUE(std::isfinite(point.x) && std::isfinite(point.y));
    EXPECT_TRUE(point.score >= 0 && point.score <= 1);
  }
}

TEST(PoseHead, What_is_no_number_is_no_person_and_no_point) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const float value : {kNan, kInf, -kInf, 3e38F, -3e38F}) {
    for (Tensors tensors : {golden_grids(), golden_planes(), transposed(golden_planes())}) {
      for (auto& [shape, data] : tensors.all) std::ranges::fill(data, value);
      for (const Person& one : people_in(tensors, kGoldenInput, 0.1F)) expect_finite(one);
    }
    Tensors tensors;
    auto& rows = tensors.fill({1, 57}, value);
    const float person[] = {1, 2, 30, 40, 0.9F, 0};
    std::ranges::copy(person, rows.begin());
    const auto people = people_in(tensors, kGoldenInput, 0.1F);
    ASSERT_EQ(people.size(), 1U);
    expect_finite(people.front());
    EXPECT_EQ(people.front().points[3].score, value == 3e38F ? 1 : 0);
  }
}

Result<PoseHead> find_pose(const std::vector<Shape>& shapes, std::optional<PoseHeadKind> told = {},
                           media::Size input = {640, 640}) {
  std::vector<Output> outputs;
  outputs.reserve(shapes.size());
  for (const Shape& shape : shapes) outputs.push_back({shape, {}});
  return find_pose_head(outputs, input, told);
}

std::vector<Shape> grids_of(std::int64_t boxes, std::int64_t scores, std::int64_t points) {
  std::vector<Shape> shapes;
  for (const std::int64_t side : {80, 40, 20}) {
    for (const std::int64_t channels : {boxes, scores, points}) {
      shapes.push_back({side, side, channels});
    }
  }
  return shapes;
}

TEST(FindPoseHead, Published_networks_are_known_by_their_shapes) {
  EXPECT_EQ(find_pose(grids_of(64, 1, 51))->kind, PoseHeadKind::kDfl);
  EXPECT_EQ(find_pose({{1, 56, 8400}})->kind, PoseHeadKind::kDecoded);
  EXPECT_FALSE(find_pose({{56, 8400}})->rows);
  EXPECT_EQ(find_pose({{1, 8400, 56}})->kind, PoseHeadKind::kDecoded);
  EXPECT_TRUE(find_pose({{8400, 56}})->rows);
  EXPECT_EQ(find_pose({{1, 300, 57}})->kind, PoseHeadKind::kBoxes);
  EXPECT_EQ(find_pose({{56, 1029}}, {}, {224, 224})->kind, PoseHeadKind::kDecoded);
}

TEST(FindPoseHead, Other_outputs_are_told_with_what_would_do) {
  for (const auto& shapes :
       {grids_of(64, 2, 51), grids_of(64, 1, 63), grids_of(64, 1, 1), grids_of(64, 64, 51),
        std::vector<Shape>{{84, 8400}}, std::vector<Shape>{{56, 8401}},
        std::vector<Shape>{{300, 56}}, std::vector<Shape>{{56, 8400}, {56, 8400}},
        std::vector<Shape>{}, std::vector<Shape>{{}}}) {
    const auto head = find_pose(shapes);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, ErrorCode::kUnsupported);
  }
  EXPECT_THAT(find_pose({{84, 8400}}).error().message,
              AllOf(HasSubstr("the outputs (84, 8400) of a network with input 640x640"),
                    HasSubstr("dfl (80, 80, 64), (80, 80, 1) and (80, 80, 51)"),
                    HasSubstr("decoded (56, 8400) or (8400, 56); boxes (rows, 57)")));
  EXPECT_THAT(find_pose({{56, 8400}}, PoseHeadKind::kDfl).error().message,
              HasSubstr("of the kind dfl"));
  EXPECT_FALSE(find_pose({{56, 8350}}, {}, {636, 640}));
}

}  // namespace
}  // namespace npu::vision
