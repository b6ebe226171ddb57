#include "families/depth/depth.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"

namespace npu::families {
namespace {

using fakes::elements_of;
using fakes::make_tensor;

// A picture of 2x3 pixels; the map is the first channel.
class DepthTest : public testing::Test {
 protected:
  void load(Shape input = {2, 3, 3}, Shape output = {2, 3, 1}) {
    device_.tensor_models["m.hef"] = {.inputs = {{"in", DType::kUint8, std::move(input)}},
                                      .outputs = {{"out", DType::kFloat32, std::move(output)}},
                                      .run = [](auto inputs, auto outputs) -> Status {
                                        auto* to = reinterpret_cast<float*>(outputs[0].data.data());
                                        for (std::size_t i = 0; i < 6; ++i) {
                                          to[i] = static_cast<float>(inputs[0].data[3 * i]);
                                        }
                                        return {};
                                      }};
    auto model = make_depth_family()->load(
        device_, {.path = "m.hef", .params = {}, .files = {{"m.hef"}}}, context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
  }

  std::string error_of(Tensor tensor) {
    fakes::FakeInput input;
    input.set("input", std::move(tensor));
    const auto result = model_->infer(input, output_, context_);
    return result ? "no error" : result.error().message;
  }

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeOutput output_;
  std::unique_ptr<FamilyModel> model_;
};

const std::vector<std::uint8_t> kPixels{1, 90, 91, 2, 90, 91, 3, 90, 91,
                                        4, 90, 91, 5, 90, 91, 6, 90, 91};
const std::vector<std::uint8_t> kPlanes{1,  2,  3,  4,  5,  6,  90, 90, 90,
                                        90, 90, 90, 91, 91, 91, 91, 91, 91};
const std::vector<float> kMap{1, 2, 3, 4, 5, 6};

TEST_F(DepthTest, Every_layout_gives_the_same_map) {
  load();
  const std::pair<Shape, std::vector<std::uint8_t>> kLayouts[] = {
      {{2, 3, 3}, kPixels}, {{1, 2, 3, 3}, kPixels}, {{3, 2, 3}, kPlanes}, {{1, 3, 2, 3}, kPlanes}};
  for (const auto& [shape, bytes] : kLayouts) {
    fakes::FakeInput input;
    input.set("input", make_tensor(DType::kUint8, shape, bytes));
    const auto result = model_->infer(input, output_, context_);
    ASSERT_TRUE(result) << result.error().message;
    const auto& map = output_.tensor(*result);
    EXPECT_EQ(map.shape, (Shape{2, 3, 1}));
    EXPECT_EQ(map.dtype, DType::kFloat32);
    EXPECT_EQ(elements_of<float>(map.data), kMap) << to_string(shape);
  }
}

// A client gives room for the tensors that the result had before.
TEST_F(DepthTest, Only_the_output_that_is_the_result_takes_room_in_it) {
  device_.tensor_models["two.hef"] = {
      .inputs = {{"in", DType::kUint8, {2, 3, 3}}},
      .outputs = {{"map", DType::kFloat32, {2, 3, 1}}, {"other", DType::kFloat32, {50, 50, 1}}},
      .run = [](auto, auto outputs) -> Status {
        EXPECT_EQ(outputs[1].data.size(), 10000U);
        std::ranges::fill(outputs[0].data, std::byte{0});
        return {};
      }};
  auto model = make_depth_family()->load(
      device_, {.path = "two.hef", .params = {}, .files = {{"two.hef"}}}, context_);
  ASSERT_TRUE(model) << model.error().message;
  fakes::FakeInput input;
  input.set("input", make_tensor(DType::kUint8, {2, 3, 3}, kPixels));
  output_.room = 24;
  const auto result = (*model)->infer(input, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(output_.tensors.size(), 1U);
  EXPECT_EQ(elements_of<float>(output_.tensor(*result).data), std::vector<float>(6));
}

TEST_F(DepthTest, A_picture_that_is_right_as_it_is_is_not_transposed) {
  device_.tensor_models["cube.hef"] = {.inputs = {{"in", DType::kUint8, {3, 3, 3}}},
                                       .outputs = {{"out", DType::kFloat32, {3, 3, 1}}}};
  auto model = make_depth_family()->load(
      device_, {.path = "cube.hef", .params = {}, .files = {{"cube.hef"}}}, context_);
  ASSERT_TRUE(model);
  std::vector<std::uint8_t> bytes(27);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  fakes::FakeInput input;
  input.set("input", make_tensor(DType::kUint8, {3, 3, 3}, bytes));
  ASSERT_TRUE((*model)->infer(input, output_, context_));
  EXPECT_EQ(elements_of<std::uint8_t>(device_.runs.at(0).inputs.at(0).data), bytes);
}

TEST_F(DepthTest, A_model_with_a_batch_of_one_gives_a_map_without_it) {
  load({1, 2, 3, 3}, {1, 2, 3, 1});
  fakes::FakeInput input;
  input.set("input", make_tensor(DType::kUint8, {2, 3, 3}, kPixels));
  const auto result = model_->infer(input, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(output_.tensor(*result).shape, (Shape{2, 3, 1}));
  EXPECT_EQ(elements_of<float>(output_.tensor(*result).data), kMap);
}

TEST_F(DepthTest, Wrong_shapes_and_dtypes_never_reach_the_device) {
  load();
  EXPECT_EQ(error_of(make_tensor(DType::kFloat32, {2, 3, 3}, std::vector<float>(18))),
            "input must be uint8 (2, 3, 3), got float32 (2, 3, 3)");
  EXPECT_EQ(error_of(make_tensor(DType::kFloat32, {1, 3, 2, 3}, std::vector<float>(18))),
            "input must be uint8 (2, 3, 3), got float32 (1, 3, 2, 3)");
  EXPECT_EQ(error_of(make_tensor(DType::kUint8, {2, 3, 1}, std::vector<std::uint8_t>(6))),
            "input must be uint8 (2, 3, 3), got uint8 (2, 3, 1)");
  EXPECT_EQ(error_of(make_tensor(DType::kUint8, {2, 2, 3, 3}, std::vector<std::uint8_t>(36))),
            "input must be uint8 (2, 3, 3), got uint8 (2, 2, 3, 3)");
  EXPECT_TRUE(device_.runs.empty());
}

TEST_F(DepthTest, A_missing_or_broken_input_is_named) {
  load();
  fakes::FakeInput input;
  EXPECT_EQ(model_->infer(input, output_, context_).error().message,
            "input is required for depth inference");
  input.set("input", boost::json::value(nullptr));
  EXPECT_EQ(model_->infer(input, output_, context_).error().message,
            "input is required for depth inference");
  input.set("input", boost::json::value("picture"));
  EXPECT_EQ(model_->infer(input, output_, context_).error().message,
            "tensor must include dtype, shape, and data_b64");
}

TEST_F(DepthTest, A_result_without_room_is_an_error) {
  load();
  output_.room = 23;
  EXPECT_EQ(error_of(make_tensor(DType::kUint8, {2, 3, 3}, kPixels)), "no room");
}

TEST_F(DepthTest, A_file_that_is_no_depth_model_is_refused_at_loading) {
  const FamilyModel* none = nullptr;
  const auto message = [&](fakes::FakeTensorSpec spec) {
    device_.tensor_models["x"] = std::move(spec);
    const auto model =
        make_depth_family()->load(device_, {.path = "x", .params = {}, .files = {{"x"}}}, context_);
    EXPECT_EQ(model ? model->get() : none, none);
    return model ? "" : model.error().message;
  };
  const TensorSpec picture{"in", DType::kUint8, {2, 3, 3}};
  const TensorSpec map{"out", DType::kFloat32, {2, 3, 1}};
  EXPECT_EQ(
      message({.inputs = {picture, picture}, .outputs = {map}, .run = {}}),
      "a depth model takes one uint8 picture (H, W, C); this file takes 2 inputs, the first is "
      "uint8 (2, 3, 3)");
  EXPECT_EQ(
      message({.inputs = {picture}, .outputs = {{"out", DType::kInt8, {2, 3, 1}}}, .run = {}}),
      "a depth model gives float32 tensors; output 'out' is int8");
  EXPECT_EQ(message({.inputs = {{"in", DType::kUint8, {8, 2, 3, 3}}}, .outputs = {map}, .run = {}}),
            "a depth model takes one picture at a time; this file takes 8");
}

TEST(DepthPlan, Names_the_model_file) {
  const auto plan = make_depth_family()->plan("/m/x.hef", {});
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->files.size(), 1U);
  EXPECT_EQ(plan->files[0].path, "/m/x.hef");
  EXPECT_EQ(plan->files[0].missing_message, "Model HEF not found: /m/x.hef");
}

}  // namespace
}  // namespace npu::families
