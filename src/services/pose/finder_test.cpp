#include "services/pose/finder.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/kit/infer_result_test_support.hpp"

namespace npu::pose {
namespace {

using ::testing::HasSubstr;

InferResult result_of(Shape shape, const std::vector<float>& values) {
  return kit::result_of(kit::tensor_of(std::move(shape), values));
}

kit::Placement letterboxed(media::Size picture) {
  return kit::place(picture, {640, 640}, kit::Fit::kLetterbox);
}

// A row of an export with the suppression inside.
std::vector<float> row_of(kit::Box box, const std::vector<kit::Point>& points) {
  std::vector<float> row{static_cast<float>(box.from.x),
                         static_cast<float>(box.from.y),
                         static_cast<float>(box.to.x),
                         static_cast<float>(box.to.y),
                         0.9F,
                         0};
  for (const kit::Point& point : points) {
    row.insert(row.end(), {static_cast<float>(point.x), static_cast<float>(point.y), 0.8F});
  }
  return row;
}

// Into the network's input and back again.
TEST(FindPeople, Points_come_back_to_half_a_pixel_from_any_letterbox) {
  std::mt19937 random(1);
  const auto share = [&] { return std::uniform_real_distribution<double>(0, 1)(random); };
  for (int round = 0; round < 300; ++round) {
    const media::Size picture{1 + static_cast<int>(4000 * share()),
                              1 + static_cast<int>(4000 * share())};
    const kit::Placement placed = letterboxed(picture);
    std::vector<kit::Point> there;
    std::vector<kit::Point> in_input;
    for (std::size_t i = 0; i < vision::kKeyPoints; ++i) {
      there.push_back({share() * picture.width, share() * picture.height});
      in_input.push_back(placed.to_input(there.back()));
    }
    const kit::Point to{static_cast<double>(picture.width), static_cast<double>(picture.height)};
    const auto people = find_people(
        result_of({1, 57}, row_of({placed.to_input({0, 0}), placed.to_input(to)}, in_input)),
        placed, {}, {});
    ASSERT_TRUE(people) << people.error().message;
    ASSERT_EQ(people->size(), 1U) << picture.width << "x" << picture.height;
    for (std::size_t i = 0; i < vision::kKeyPoints; ++i) {
      EXPECT_NEAR(people->front().points[i].at.x, there[i].x, 0.5);
      EXPECT_NEAR(people->front().points[i].at.y, there[i].y, 0.5);
    }
  }
}

TEST(FindPeople, Points_beside_the_picture_lie_on_its_edge) {
  const std::vector<kit::Point> far(vision::kKeyPoints, kit::Point{-100, 700});
  const auto people = find_people(result_of({1, 57}, row_of({{0, 0}, {640, 640}}, far)),
                                  letterboxed({1280, 640}), {}, {});
  ASSERT_TRUE(people);
  ASSERT_EQ(people->size(), 1U);
  EXPECT_EQ(people->front().box, (kit::Box{{0, 0}, {1280, 640}}));
  for (const KeyPoint& point : people->front().points) {
    EXPECT_EQ(point.at, (kit::Point{0, 640}));
  }
}

TEST(FindPeople, Two_boxes_of_one_person_are_one_person) {
  const std::vector<kit::Point> points(vision::kKeyPoints, kit::Point{200, 200});
  auto rows = row_of({{100, 100}, {300, 300}}, points);
  auto second = row_of({{102, 100}, {300, 300}}, points);
  second[5] = 1;  // another label changes nothing: all are people
  rows.insert(rows.end(), second.begin(), second.end());
  const auto result = result_of({2, 57}, rows);
  EXPECT_EQ(find_people(result, letterboxed({640, 640}), {}, {})->size(), 1U);
  EXPECT_EQ(find_people(result, letterboxed({640, 640}), {}, {.iou_threshold = 1})->size(), 2U);
}

TEST(FindPeople, Outputs_that_are_no_head_of_people_are_our_fault_and_told) {
  const auto detector = result_of({84, 8400}, std::vector<float>(84 * 8400));
  const auto none = find_people(detector, letterboxed({640, 640}), {}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kInternal);
  EXPECT_THAT(none.error().message, HasSubstr("decoded (56, 8400)"));
  EXPECT_EQ(find_people({}, letterboxed({640, 640}), {}, {}).error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace npu::pose
