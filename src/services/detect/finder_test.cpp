#include "services/detect/finder.hpp"

#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/infer_result_test_support.hpp"

namespace npu::detect {
namespace {

using ::testing::HasSubstr;

InferResult result_of(DType dtype, Shape shape, const std::vector<float>& values) {
  return kit::result_of(kit::tensor_of(std::move(shape), values, dtype));
}

kit::Placement letterboxed(media::Size picture) {
  return kit::place(picture, {640, 640}, kit::Fit::kLetterbox);
}

// Into the network's input and back again.
TEST(FindObjects, Boxes_come_back_to_half_a_pixel_from_any_letterbox) {
  std::mt19937 random(1);
  const auto share = [&] { return std::uniform_real_distribution<double>(0, 1)(random); };
  for (int round = 0; round < 500; ++round) {
    const media::Size picture{1 + static_cast<int>(4000 * share()),
                              1 + static_cast<int>(4000 * share())};
    const kit::Placement placed = letterboxed(picture);
    const kit::Point from{share() * picture.width / 2, share() * picture.height / 2};
    const kit::Point to{picture.width - share() * picture.width / 2,
                        picture.height - share() * picture.height / 2};
    const kit::Point a = placed.to_input(from);
    const kit::Point b = placed.to_input(to);
    const auto in_row = [](double pixels) { return static_cast<float>(pixels / 640); };
    const auto result = result_of(DType::kFloat32, {1, 6},
                                  {in_row(a.x), in_row(a.y), in_row(b.x), in_row(b.y), 0.9F, 3});
    const auto found = find_objects(result, placed, {}, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1U) << picture.width << "x" << picture.height;
    EXPECT_NEAR(found->front().box.from.x, from.x, 0.5);
    EXPECT_NEAR(found->front().box.from.y, from.y, 0.5);
    EXPECT_NEAR(found->front().box.to.x, to.x, 0.5);
    EXPECT_NEAR(found->front().box.to.y, to.y, 0.5);
  }
}

TEST(FindObjects, What_lies_beside_the_picture_is_none_and_takes_nobodys_place) {
  const auto result =
      result_of(DType::kFloat32, {2, 6}, {0, 0, 1, 0.2F, 0.9F, 1, 0, 0.1F, 0.5F, 0.5F, 0.8F, 1});
  DetectOptions one;
  one.max_detections = 1;
  const auto found = find_objects(result, letterboxed({1280, 640}), {}, one);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().box, (kit::Box{{0, 0}, {640, 320}}));
}

TEST(FindObjects, Outputs_that_are_no_detectors_are_our_fault_and_told) {
  const auto classifier = result_of(DType::kFloat32, {1000}, std::vector<float>(1000));
  const auto none = find_objects(classifier, letterboxed({640, 640}), {}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kInternal);
  EXPECT_THAT(none.error().message, HasSubstr("decoded (4 + classes, 8400)"));
  const auto whole = result_of(DType::kInt32, {1, 6}, std::vector<float>(6));
  EXPECT_THAT(find_objects(whole, letterboxed({640, 640}), {}, {}).error().message,
              HasSubstr("must be float32, one is int32"));
  EXPECT_EQ(find_objects({}, letterboxed({640, 640}), {}, {}).error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace npu::detect
