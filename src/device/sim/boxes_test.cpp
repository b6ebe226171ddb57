#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "device/sim/fill.hpp"
#include "device/sim/profile.hpp"

namespace npu::device::sim {
namespace {

constexpr const char* kDetector = R"yaml(
models:
  detector:
    kind: tensor
    inputs: [{dtype: uint8, shape: [100, 200, 3]}]
    outputs:
      - name: d/nms
        nms:
          order: byte_mask
          classes: 3
          boxes: 4
          mask_bytes: 5000
          report: [[0.1, 0.1, 0.2, 0.2, 0.5, 1], [0, 0, 0.5, 0.25, 0.75, 2]]
)yaml";

TEST(Boxes, Are_rows_by_score_and_masks_of_their_size) {
  const auto profile = parse_profile(kDetector, "test");
  ASSERT_TRUE(profile) << profile.error().message;
  const auto& outputs = profile->models.at("detector").outputs;
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].spec.shape, (Shape{4, 6}));
  EXPECT_EQ(outputs[1].spec.name, "d/nms/masks");

  std::array<float, 24> rows{};
  fill(outputs[0].fill, 1, 0, {DType::kFloat32, {4, 6}, std::as_writable_bytes(std::span(rows))});
  const std::array<float, 6> best{0, 0, 0.5F, 0.25F, 0.75F, 2};
  EXPECT_TRUE(std::ranges::equal(std::span(rows).first(6), best));
  EXPECT_EQ(rows[6 + 5], 1);
  EXPECT_EQ(rows[12 + 5], -1);
  EXPECT_EQ(rows[12 + 4], 0);

  std::array<std::byte, 5000> masks{};
  fill(outputs[1].fill, 1, 1, {DType::kUint8, {5000}, masks});
  EXPECT_EQ(std::ranges::count(masks, std::byte{1}), 100 * 25 + 20 * 10);
}

TEST(Boxes, By_class_have_rows_for_every_class) {
  const auto profile = load_profile("hailo10h");
  ASSERT_TRUE(profile) << profile.error().message;
  const auto& outputs = profile->models.at("yolov8s").outputs;
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].spec.shape, (Shape{8000, 6}));
}

TEST(Boxes, Wrong_ones_are_refused) {
  const auto error_of = [](const std::string& nms) -> std::string {
    const auto profile = parse_profile(
        "models: {d: {kind: tensor, inputs: [{dtype: uint8, shape: [1]}], outputs: [{nms: " + nms +
            "}]}}",
        "test");
    return profile ? "none" : profile.error().message;
  };
  EXPECT_EQ(error_of("{order: by_score, classes: 2, report: [[0, 0, 1, 1, 0.5, 2]]}"),
            "profile test, line 1: class must be a number 0..1");
  EXPECT_EQ(error_of("{order: by_score, report: all}"),
            "profile test, line 1: report must be a list of boxes");
  EXPECT_EQ(error_of("{order: by_class, classes: 100000, boxes: 100000}"),
            "profile test, line 1: the tensor is too large");
  EXPECT_EQ(error_of("{order: by_class, classes: 1000, boxes: 100}"), "none");
}

}  // namespace
}  // namespace npu::device::sim
