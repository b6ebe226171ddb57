#include "device/sim/reading.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "device/sim/profile.hpp"

namespace npu::device::sim {
namespace {

TEST(Reading, A_map_is_sure_within_its_boxes_in_each_frame) {
  const auto how =
      read_text_map(YAML::Load("[[0.25, 0.5, 0.75, 1], [0.9, 0, 0.1, 1]]"), {1, 2, 4, 1});
  std::vector<float> out(16, 7);
  fill_reading(*how, out);
  const std::vector<float> frame{0, 0, 0, 0, 0, 0.9F, 0.9F, 0};
  EXPECT_EQ(std::vector<float>(out.begin(), out.begin() + 8), frame);
  EXPECT_EQ(std::vector<float>(out.begin() + 8, out.end()), frame);
}

TEST(Reading, Each_step_has_its_class_and_further_ones_the_first) {
  const auto how = read_ctc(YAML::Load("[2, 1]"), {1, 3, 4});
  std::vector<float> out(12);
  fill_reading(*how, out);
  EXPECT_EQ(out, (std::vector<float>{0, 0, 0.9F, 0, 0, 0.9F, 0, 0, 0.9F, 0, 0, 0}));
}

TEST(Reading, What_is_wrong_in_a_profile_is_told_with_its_line) {
  const auto error = [](const std::string& output) {
    const auto profile = parse_profile(
        "name: x\narchitecture: X\nfirmware: x\nmodels:\n  m:\n    kind: tensor\n    inputs: "
        "[{name: i, dtype: uint8, shape: [4]}]\n    outputs: [{name: o, " +
            output + "}]\n",
        "x");
    return profile ? "" : profile.error().message;
  };
  EXPECT_EQ(error("dtype: float32, shape: [2, 3], ctc: [1]"), "");
  EXPECT_NE(error("dtype: float32, shape: [2, 3], ctc: [3]").find("a class"), std::string::npos);
  EXPECT_NE(error("dtype: float32, shape: [2, 3], ctc: [1, 1, 1]").find("more classes than rows"),
            std::string::npos);
  EXPECT_NE(error("dtype: float32, shape: [6], ctc: [1]").find("two sides over 1"),
            std::string::npos);
  EXPECT_NE(error("dtype: uint8, shape: [2, 3], ctc: [1]").find("float32"), std::string::npos);
  EXPECT_NE(error("dtype: float32, shape: [2, 3], text_map: [[0, 0, 1]]").find("a list of 4"),
            std::string::npos);
  EXPECT_NE(error("dtype: float32, shape: [2, 3], text_map: 5").find("are lists"),
            std::string::npos);
}

}  // namespace
}  // namespace npu::device::sim
