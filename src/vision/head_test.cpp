#include "vision/head.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <npu/tensor.hpp>

namespace npu::vision {
namespace {

using ::testing::HasSubstr;

constexpr media::Size kInput{640, 640};

Result<Head> find(const std::vector<Shape>& shapes, std::optional<HeadKind> told = {},
                  media::Size input = kInput) {
  std::vector<Output> outputs;
  outputs.reserve(shapes.size());
  for (const Shape& shape : shapes) outputs.push_back({shape, {}});
  return find_head(outputs, input, told);
}

void expect(const std::vector<Shape>& shapes, HeadKind kind, int classes,
            media::Size input = kInput) {
  const auto head = find(shapes, {}, input);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->kind, kind);
  EXPECT_EQ(head->classes, classes);
}

TEST(FindHead, Published_networks_are_known_by_their_shapes) {
  expect({{8000, 6}}, HeadKind::kBoxes, 0);
  expect({{1, 300, 6}}, HeadKind::kBoxes, 0);
  expect({{84, 8400}}, HeadKind::kDecoded, 80);
  expect({{1, 84, 8400}}, HeadKind::kDecoded, 80);
  expect({{116, 8400}, {32, 160, 160}}, HeadKind::kDecoded, 80);
  expect({{32, 160, 160}, {1, 116, 8400}}, HeadKind::kDecoded, 80);
  expect({{1, 25200, 85}}, HeadKind::kYolov5, 80);
  expect({{1, 3549, 85}}, HeadKind::kYolox, 80, {416, 416});
  expect({{80, 80, 255}, {40, 40, 255}, {20, 20, 255}}, HeadKind::kYolov5, 80);
}

TEST(FindHead, Raw_heads_are_matched_in_any_order) {
  const std::vector<Shape> shapes{{20, 20, 80}, {80, 80, 64}, {40, 40, 64},
                                  {80, 80, 80}, {20, 20, 64}, {40, 40, 80}};
  expect(shapes, HeadKind::kDfl, 80);
  const auto head = find(shapes);
  EXPECT_EQ(head->levels[0].boxes, 1);
  EXPECT_EQ(head->levels[0].scores, 3);
  EXPECT_EQ(head->levels[2].boxes, 4);
  EXPECT_EQ(head->levels[2].scores, 0);
  expect({{80, 80, 80},
          {80, 80, 1},
          {80, 80, 4},
          {40, 40, 4},
          {40, 40, 80},
          {40, 40, 1},
          {20, 20, 1},
          {20, 20, 80},
          {20, 20, 4}},
         HeadKind::kYolox, 80);
}

TEST(FindHead, A_network_of_one_class_has_raw_heads_too) {
  expect({{80, 80, 64}, {80, 80, 1}, {40, 40, 64}, {40, 40, 1}, {20, 20, 64}, {20, 20, 1}},
         HeadKind::kDfl, 1);
  expect({{80, 80, 1},
          {80, 80, 1},
          {80, 80, 4},
          {40, 40, 4},
          {40, 40, 1},
          {40, 40, 1},
          {20, 20, 1},
          {20, 20, 1},
          {20, 20, 4}},
         HeadKind::kYolox, 1);
}

// A wide input: columns come from its width, rows from its height.
TEST(FindHead, Inputs_need_not_be_square) {
  const media::Size wide{640, 384};
  expect({{48, 80, 64}, {48, 80, 80}, {24, 40, 64}, {24, 40, 80}, {12, 20, 64}, {12, 20, 80}},
         HeadKind::kDfl, 80, wide);
  EXPECT_FALSE(
      find({{80, 48, 64}, {80, 48, 80}, {40, 24, 64}, {40, 24, 80}, {20, 12, 64}, {20, 12, 80}}, {},
           wide));
}

TEST(FindHead, Outputs_of_no_head_are_told_with_what_would_do) {
  for (const std::vector<Shape>& shapes : std::vector<std::vector<Shape>>{
           {{1000}},
           {},
           {{84, 8401}},
           {{4, 8400}},
           {{80, 80, 64}, {40, 40, 64}, {20, 20, 64}},
           {{}},
           {{80, 80, 64}, {80, 80, 80}, {40, 40, 64}, {40, 40, 79}, {20, 20, 64}, {20, 20, 80}},
           {{80, 80, 64}, {80, 80, 64}, {40, 40, 64}, {40, 40, 64}, {20, 20, 64}, {20, 20, 64}}}) {
    const auto head = find(shapes);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, ErrorCode::kUnsupported);
  }
  EXPECT_THAT(find({{1000}}).error().message,
              testing::AllOf(HasSubstr("(1000)"), HasSubstr("640x640"),
                             HasSubstr("dfl (80, 80, 64) and (80, 80, classes)"),
                             HasSubstr("decoded (4 + classes, 8400)")));
}

TEST(FindHead, What_may_be_two_things_has_to_be_told) {
  const auto head = find({{8400, 6}});
  ASSERT_FALSE(head);
  EXPECT_THAT(head.error().message, HasSubstr("boxes or yolox: say which"));
  EXPECT_EQ(find({{8400, 6}}, HeadKind::kBoxes)->kind, HeadKind::kBoxes);
  EXPECT_EQ(find({{8400, 6}}, HeadKind::kYolox)->classes, 1);
}

TEST(FindHead, A_head_that_was_told_wrong_is_an_error) {
  const auto head = find({{84, 8400}}, HeadKind::kYolox);
  ASSERT_FALSE(head);
  EXPECT_THAT(head.error().message, HasSubstr("no detector's head of the kind yolox"));
}

}  // namespace
}  // namespace npu::vision
