#include "device/sim/raw_head.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/sim/fill.hpp"
#include "device/sim/profile.hpp"

namespace npu::device::sim {
namespace {

using ::testing::HasSubstr;

Result<Profile> profile_with(const std::string& output) {
  return parse_profile(fmt::format(R"yaml(
models:
  detector:
    kind: tensor
    inputs: [{{dtype: uint8, shape: [320, 640, 3]}}]
    outputs:
      - {{name: out, {}}}
)yaml",
                                   output),
                       "test");
}

std::vector<float> filled(const std::string& output) {
  const auto profile = profile_with(output);
  EXPECT_TRUE(profile) << profile.error().message;
  if (!profile) return {};
  const auto& out = profile->models.at("detector").outputs.at(0);
  std::vector<float> values(*byte_size(out.spec.dtype, out.spec.shape) / sizeof(float));
  fill(out.fill, 1, 0, {out.spec.dtype, out.spec.shape, std::as_writable_bytes(std::span(values))});
  return values;
}

// 64 x 40 pixels about (100, 100), and one of 600 x 200.
const std::string kSeen =
    "dfl: [[0.10625, 0.25, 0.20625, 0.375, 0.75, 2], [0.03125, 0.25, 0.96875, 0.875, 0.5, 1]]";

// The pixels between the middle of a cell and an edge, as YOLOv8 means them.
float distance(std::span<const float> bins, float stride) {
  float sum = 0;
  float weighted = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    sum += std::exp(bins[i]);
    weighted += std::exp(bins[i]) * static_cast<float>(i);
  }
  return weighted / sum * stride;
}

TEST(RawHead, Has_the_bins_of_a_box_in_the_cell_of_its_middle) {
  const auto values = filled("dtype: float32, shape: [40, 80, 64], " + kSeen);
  const auto cell = std::span<const float>(values).subspan((12 * 80 + 12) * 64, 64);
  EXPECT_NEAR(100 - distance(cell.subspan(0, 16), 8), 68, 0.01);
  EXPECT_NEAR(100 - distance(cell.subspan(16, 16), 8), 80, 0.01);
  EXPECT_NEAR(100 + distance(cell.subspan(32, 16), 8), 132, 0.01);
  EXPECT_NEAR(100 + distance(cell.subspan(48, 16), 8), 120, 0.01);
  const auto elsewhere = values.size() - cell.size();
  EXPECT_EQ(std::ranges::count(values, 0.F) - std::ranges::count(cell, 0.F), elsewhere);
}

TEST(RawHead, Has_a_logit_for_the_class_and_each_box_at_one_stride) {
  const auto fine = filled("dtype: float32, shape: [40, 80, 3], " + kSeen);
  EXPECT_NEAR(fine[(12 * 80 + 12) * 3 + 2], std::log(3.F), 1e-6);
  EXPECT_EQ(std::ranges::count(fine, -20.F), 40 * 80 * 3 - 1);
  const auto middle = filled("dtype: float32, shape: [20, 40, 3], " + kSeen);
  EXPECT_EQ(std::ranges::count(middle, -20.F), 20 * 40 * 3);
  const auto coarse = filled("dtype: float32, shape: [10, 20, 3], " + kSeen);
  EXPECT_NEAR(coarse[(5 * 20 + 10) * 3 + 1], 0, 1e-6);
  EXPECT_EQ(std::ranges::count(coarse, -20.F), 10 * 20 * 3 - 1);
}

// One of 64 x 40 pixels about (100, 100); each point 8 pixels below the one before.
std::string people(const std::string& box = "[0.10625, 0.25, 0.20625, 0.375, 0.75]",
                   int count = 17) {
  std::string points;
  for (int i = 0; i < count; ++i) points += fmt::format("[0.125, {}, 0.75], ", i * 8 / 320.0);
  return fmt::format("people: [{{box: {}, points: [{}]}}]", box, points);
}

TEST(RawHead, Of_people_has_a_logit_and_the_points_in_the_cell_of_the_middle) {
  constexpr std::size_t kCell = 12 * 80 + 12;
  EXPECT_NEAR(filled("dtype: float32, shape: [40, 80, 1], " + people())[kCell], std::log(3.F),
              1e-6);
  const auto bins = filled("dtype: float32, shape: [40, 80, 64], " + people());
  EXPECT_NEAR(100 - distance(std::span<const float>(bins).subspan(kCell * 64, 16), 8), 68, 0.01);
  const auto points = filled("dtype: float32, shape: [40, 80, 51], " + people());
  for (std::size_t i = 0; i < 17; ++i) {  // as YOLOv8-pose means them
    const float* point = &points[kCell * 51 + 3 * i];
    EXPECT_NEAR((2 * point[0] + 12) * 8, 80, 1e-3);
    EXPECT_NEAR((2 * point[1] + 12) * 8, 8 * static_cast<double>(i), 1e-3);
    EXPECT_NEAR(point[2], std::log(3.F), 1e-6);
  }
  const auto coarse = filled("dtype: float32, shape: [10, 20, 1], " + people());
  EXPECT_EQ(std::ranges::count(coarse, -20.F), 10 * 20);
}

TEST(RawHead, Wrong_ones_are_told) {
  const std::string few = "dtype: float32, shape: [40, 80, 1], " + people("[0, 0, 1, 1, 1]", 16);
  const std::string empty =
      "dtype: float32, shape: [10, 20, 1], " + people("[0.5, 0, 0.4, 1, 0.5]");
  for (const auto& [output, why] :
       {std::pair("dtype: float32, shape: [40, 81, 64], dfl: []", "dfl is for outputs"),
        std::pair("dtype: float32, shape: [40, 80], dfl: []", "dfl is for outputs"),
        std::pair("dtype: uint8, shape: [40, 80, 64], dfl: []", "dfl is for float32"),
        std::pair("dtype: float32, shape: [40, 80, 64], dfl: 3", "dfl must be a list of boxes"),
        std::pair("dtype: float32, shape: [10, 20, 3], dfl: [[0.5, 0, 0.4, 1, 0.5, 2]]",
                  "is empty"),
        std::pair("dtype: float32, shape: [40, 80, 2], dfl: [[0, 0, 1, 1, 0.5, 2]]", "class"),
        std::pair("dtype: float32, shape: [40, 80, 2], people: []", "64, 1 and 51 channels"),
        std::pair("dtype: uint8, shape: [40, 80, 1], people: []", "people is for float32"),
        std::pair("dtype: float32, shape: [40, 80, 1], people: {}", "people must be a list"),
        std::pair("dtype: float32, shape: [40, 80, 1], people: [{box: [0, 0, 1, 1, 1]}]", "points"),
        std::pair(few.c_str(), "17 of [x, y, seen]"), std::pair(empty.c_str(), "is empty")}) {
    const auto profile = profile_with(output);
    ASSERT_FALSE(profile) << output;
    EXPECT_THAT(profile.error().message, HasSubstr(why)) << output;
  }
}

}  // namespace
}  // namespace npu::device::sim
