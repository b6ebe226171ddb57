#include "vision/faces/face_head.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vision/faces/face_golden.hpp"
#include "vision/heads_golden.hpp"
#include "vision/outputs_test_support.hpp"
#include "vision/suppress.hpp"

namespace npu::vision {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Face {
  Detection found;
  FacePoints points;
};

std::vector<Face> faces_in(const Tensors& tensors, media::Size input, float threshold) {
  const auto outputs = tensors.outputs();
  const auto head = find_face_head(outputs, input);
  EXPECT_TRUE(head) << head.error().message;
  if (!head) return {};
  Candidates candidates(kMaxCandidates);
  decode_faces(*head, outputs, input, threshold, candidates);
  std::vector<Face> faces;
  const SuppressionRules rules{.max_overlap = kGoldenOverlap, .max_detections = 300};
  for (const Detection& one : suppress(std::move(candidates), rules)) {
    faces.push_back({one, face_points_of(*head, outputs, input, one.source)});
  }
  return faces;
}

// grids: (h, w, anchors x values), as on the chip; else (h w anchors, values).
Tensors golden_scrfd(bool grids) {
  Noise noise;
  Tensors tensors;
  for (const int s : kStrides) {
    const std::int64_t rows = kGoldenInput.height / s;
    const std::int64_t columns = kGoldenInput.width / s;
    const std::int64_t n = 2 * rows * columns;
    const auto count = static_cast<std::size_t>(n);
    const auto shape = [&](std::int64_t values) {
      return grids ? Shape{rows, columns, 2 * values} : Shape{1, n, values};
    };
    tensors.add(shape(1), noise(0, 1, count));
    tensors.add(shape(4), noise(0.2F, 4, 4 * count));
    tensors.add(shape(10), noise(-3, 3, 10 * count));
  }
  return tensors;
}

Tensors golden_yunet() {
  Noise noise;
  Tensors tensors;
  for (const int s : kStrides) {
    const std::int64_t n = std::int64_t{kGoldenInput.height / s} * (kGoldenInput.width / s);
    const auto count = static_cast<std::size_t>(n);
    tensors.add({1, n, 1}, noise(0, 1, count));
    tensors.add({1, n, 1}, noise(0, 1.02F, count));
    tensors.add({1, n, 4}, noise(-1, 1.5F, 4 * count));
    tensors.add({1, n, 10}, noise(-3, 3, 10 * count));
  }
  return tensors;
}

Tensors golden_blazeface() {
  Noise noise;
  Tensors tensors;
  for (const std::int64_t n : {512, 384}) {
    tensors.add({1, n, 1}, noise(-8, 2, static_cast<std::size_t>(n)));
    tensors.add({1, n, 16}, noise(5, 40, static_cast<std::size_t>(16 * n)));
  }
  return tensors;
}

// (896, 1) and (896, 16): the two grids behind each other.
Tensors joined(const Tensors& grids) {
  Tensors tensors;
  for (const std::size_t part : {0U, 1U}) {
    std::vector<float> all = grids.all[part].second;
    const auto& second = grids.all[2 + part].second;
    all.insert(all.end(), second.begin(), second.end());
    tensors.add({896, grids.all[part].first.back()}, std::move(all));
  }
  return tensors;
}

void expect_golden(const Tensors& tensors, media::Size input, FaceHeadKind kind) {
  const auto& golden = kGoldenFaceHeads[static_cast<std::size_t>(kind)];
  ASSERT_EQ(golden.kind, kind);
  const auto faces = faces_in(tensors, input, kGoldenFaceThreshold);
  ASSERT_EQ(faces.size(), golden.kept.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    SCOPED_TRACE(i);
    expect_found(faces[i].found, golden.kept[i].face);
    for (std::size_t k = 0; k < kFacePoints; ++k) {
      EXPECT_NEAR(faces[i].points[k].x, golden.kept[i].points[k].x, 0.01) << i << " " << k;
      EXPECT_NEAR(faces[i].points[k].y, golden.kept[i].points[k].y, 0.01) << i << " " << k;
    }
  }
}

TEST(FaceHead, Scrfd_finds_the_faces_that_numpy_finds_as_grids_and_as_rows) {
  expect_golden(golden_scrfd(true), kGoldenInput, FaceHeadKind::kScrfd);
  expect_golden(golden_scrfd(false), kGoldenInput, FaceHeadKind::kScrfd);
}

TEST(FaceHead, Scores_of_scrfd_may_be_logits) {
  Tensors tensors = golden_scrfd(true);
  for (auto& [shape, data] : tensors.all) {
    if (shape.back() != 2) continue;
    for (float& score : data) score = std::log(score / (1 - score));
  }
  expect_golden(tensors, kGoldenInput, FaceHeadKind::kScrfd);
}

TEST(FaceHead, Yunet_finds_the_faces_that_numpy_finds) {
  expect_golden(golden_yunet(), kGoldenInput, FaceHeadKind::kYunet);
}

TEST(FaceHead, Blazeface_finds_the_faces_that_numpy_finds_in_two_grids_and_in_one) {
  expect_golden(golden_blazeface(), kGoldenBlazefaceInput, FaceHeadKind::kBlazeface);
  expect_golden(joined(golden_blazeface()), kGoldenBlazefaceInput, FaceHeadKind::kBlazeface);
}

TEST(FaceHead, Outputs_are_told_apart_in_any_order) {
  for (auto [tensors, input, kind] :
       {std::tuple(golden_scrfd(false), kGoldenInput, FaceHeadKind::kScrfd),
        std::tuple(golden_yunet(), kGoldenInput, FaceHeadKind::kYunet),
        std::tuple(golden_blazeface(), kGoldenBlazefaceInput, FaceHeadKind::kBlazeface)}) {
    std::ranges::reverse(tensors.all);
    std::swap(tensors.all[0], tensors.all[3]);
    expect_golden(tensors, input, kind);
  }
}

TEST(FaceHead, What_is_no_number_is_no_face_and_no_point) {
  constexpr float kEndless = std::numeric_limits<float>::infinity();
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), kEndless, -kEndless, 3e38F, -3e38F}) {
    for (auto [tensors, input] :
         {std::pair(golden_scrfd(true), kGoldenInput), std::pair(golden_yunet(), kGoldenInput),
          std::pair(golden_blazeface(), kGoldenBlazefaceInput)}) {
      for (auto& [shape, data] : tensors.all) std::ranges::fill(data, value);
      for (const Face& face : faces_in(tensors, input, 0.1F)) {
        EXPECT_TRUE(std::isfinite(face.found.box.area()) && std::isfinite(face.found.score));
      }
      // Real scores and boxes, broken points.
      Tensors points = golden_blazeface();
      for (std::size_t i = 0; i < points.all[1].second.size(); ++i) {
        if (i % 16 >= 4) points.all[1].second[i] = value;
      }
      for (const Face& face : faces_in(points, kGoldenBlazefaceInput, 0.1F)) {
        for (const FacePoint& point : face.points) {
          EXPECT_TRUE(std::isfinite(point.x) && std::isfinite(point.y));
        }
      }
    }
  }
}

Result<FaceHead> find_face(const std::vector<Shape>& shapes, std::optional<FaceHeadKind> told = {},
                           media::Size input = {640, 640}) {
  std::vector<Output> outputs;
  outputs.reserve(shapes.size());
  for (const Shape& shape : shapes) outputs.push_back({shape, {}});
  return find_face_head(outputs, input, told);
}

std::vector<Shape> levels_of(std::int64_t anchors, const std::vector<std::int64_t>& values) {
  std::vector<Shape> shapes;
  for (const std::int64_t value : values) {
    for (const std::int64_t cells : {6400, 1600, 400}) shapes.push_back({anchors * cells, value});
  }
  return shapes;
}

TEST(FindFaceHead, Published_networks_are_known_by_their_shapes) {
  EXPECT_EQ(find_face(levels_of(2, {1, 4, 10}))->kind, FaceHeadKind::kScrfd);
  EXPECT_EQ(find_face(levels_of(1, {1, 1, 4, 10}))->kind, FaceHeadKind::kYunet);
  const std::vector<Shape> blazeface{{1, 512, 1}, {1, 384, 1}, {1, 512, 16}, {1, 384, 16}};
  EXPECT_EQ(find_face(blazeface, {}, {128, 128})->kind, FaceHeadKind::kBlazeface);
  EXPECT_EQ(find_face(blazeface, {}, {256, 256})->kind, FaceHeadKind::kBlazeface);
}

TEST(FindFaceHead, Other_outputs_are_told_with_what_would_do) {
  for (const auto& shapes :
       {levels_of(2, {1, 4}), levels_of(2, {1, 4, 20}), levels_of(1, {1, 4, 10}),
        levels_of(2, {1, 1, 4, 10}), levels_of(1, {1, 1, 4, 4}), levels_of(2, {1, 1, 4}),
        std::vector<Shape>{{512, 1}, {384, 1}, {512, 16}, {512, 16}},
        std::vector<Shape>{{896, 1}, {896, 18}}, std::vector<Shape>{{896, 1}}, std::vector<Shape>{},
        std::vector<Shape>{{}}}) {
    const auto head = find_face(shapes);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, ErrorCode::kUnsupported);
  }
  EXPECT_THAT(find_face({{84, 8400}}).error().message,
              AllOf(HasSubstr("the outputs (84, 8400) of a network with input 640x640 are no head"),
                    HasSubstr("scrfd (80, 80, 2), (80, 80, 8) and (80, 80, 20), or (12800, 1)"),
                    HasSubstr("yunet twice (6400, 1)"), HasSubstr("(896, 1) and (896, 16)")));
  EXPECT_THAT(find_face(levels_of(2, {1, 4, 10}), FaceHeadKind::kYunet).error().message,
              HasSubstr("of the kind yunet"));
  EXPECT_FALSE(find_face(levels_of(2, {1, 4, 10}), {}, {636, 640}));
  EXPECT_EQ(face_head_named("yunet"), FaceHeadKind::kYunet);
  EXPECT_FALSE(face_head_named("yolo"));
}

}  // namespace
}  // namespace npu::vision
