#include "services/face/finder.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/infer_result_test_support.hpp"

namespace npu::face {
namespace {

using ::testing::HasSubstr;

constexpr media::Size kInput{32, 32};
constexpr std::size_t kAnchor = 10;  // of stride 8: row 1, column 1, whose corner is (8, 8)

// SCRFD's outputs with one face: box and points in pixels of the input.
InferResult one_face(const kit::Box& box, const Points& points, float score = 0.9F) {
  std::vector<std::pair<std::string, Tensor>> outputs;
  for (const std::int64_t rows : {32, 8, 2}) {
    std::vector<float> scores(static_cast<std::size_t>(rows));
    std::vector<float> boxes(4 * scores.size());
    std::vector<float> all(10 * scores.size());
    if (rows == 32) {
      const auto stride = [](double at) { return static_cast<float>((at - 8) / 8); };
      scores[kAnchor] = score;
      const float edges[] = {-stride(box.from.x), -stride(box.from.y), stride(box.to.x),
                             stride(box.to.y)};
      std::copy_n(edges, 4, &boxes[4 * kAnchor]);
      for (std::size_t k = 0; k < points.size(); ++k) {
        all[10 * kAnchor + 2 * k] = stride(points[k].x);
        all[10 * kAnchor + 2 * k + 1] = stride(points[k].y);
      }
    }
    outputs.emplace_back("s" + std::to_string(rows), kit::tensor_of({rows, 1}, scores));
    outputs.emplace_back("b" + std::to_string(rows), kit::tensor_of({rows, 4}, boxes));
    outputs.emplace_back("p" + std::to_string(rows), kit::tensor_of({rows, 10}, all));
  }
  return kit::result_of(std::move(outputs));
}

// Into the network's input and back again.
TEST(FindFaces, Points_come_back_to_half_a_pixel_from_any_letterbox) {
  std::mt19937 random(1);
  const auto share = [&] { return std::uniform_real_distribution<double>(0, 1)(random); };
  for (int round = 0; round < 300; ++round) {
    const media::Size picture{32 + static_cast<int>(4000 * share()),
                              32 + static_cast<int>(4000 * share())};
    const kit::Placement placed = kit::place(picture, kInput, kit::Fit::kLetterbox);
    Points there;
    Points in_input;
    for (std::size_t i = 0; i < there.size(); ++i) {
      there[i] = {share() * picture.width, share() * picture.height};
      in_input[i] = placed.to_input(there[i]);
    }
    const kit::Point to{static_cast<double>(picture.width), static_cast<double>(picture.height)};
    const auto faces = find_faces(
        one_face({placed.to_input({0, 0}), placed.to_input(to)}, in_input), placed, {}, {});
    ASSERT_TRUE(faces) << faces.error().message;
    ASSERT_EQ(faces->size(), 1U) << picture.width << "x" << picture.height;
    for (std::size_t i = 0; i < there.size(); ++i) {
      EXPECT_NEAR(faces->front().points[i].x, there[i].x, 0.5);
      EXPECT_NEAR(faces->front().points[i].y, there[i].y, 0.5);
    }
  }
}

TEST(FindFaces, A_box_lies_in_the_picture_and_points_may_lie_beside_it) {
  const Points points{{{-4, 10}, {6, 10}, {1, 14}, {-3, 18}, {5, 18}}};
  const auto faces = find_faces(one_face({{-10, 4}, {10, 24}}, points),
                                kit::place({64, 64}, kInput, kit::Fit::kLetterbox), {}, {});
  ASSERT_TRUE(faces);
  ASSERT_EQ(faces->size(), 1U);
  EXPECT_EQ(faces->front().box, (kit::Box{{0, 8}, {20, 48}}));
  EXPECT_EQ(faces->front().points[0], (kit::Point{-8, 20})) << "the face that the edge cuts";
}

TEST(FindFaces, What_has_the_threshold_passes) {
  const kit::Placement placed = kit::place(kInput, kInput, kit::Fit::kStretch);
  const InferResult result = one_face({{2, 2}, {20, 20}}, {}, 0.5F);
  EXPECT_EQ(find_faces(result, placed, {}, {.threshold = 0.5})->size(), 1U);
  EXPECT_EQ(find_faces(result, placed, {}, {.threshold = 0.51})->size(), 0U);
}

TEST(FindFaces, Outputs_that_are_no_head_of_faces_are_our_fault_and_told) {
  const kit::Placement placed = kit::place(kInput, kInput, kit::Fit::kStretch);
  const auto detector = kit::result_of(kit::tensor_of({84, 21}, std::vector<float>(84 * 21)));
  const auto none = find_faces(detector, placed, {}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kInternal);
  EXPECT_THAT(none.error().message, HasSubstr("are no head of faces"));
  const auto told =
      find_faces(one_face({{2, 2}, {20, 20}}, {}), placed, vision::FaceHeadKind::kYunet, {});
  EXPECT_THAT(told.error().message, HasSubstr("of the kind yunet"));
}

}  // namespace
}  // namespace npu::face
