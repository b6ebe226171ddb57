#include "families/pose/pose.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"

namespace npu::families {
namespace {

using fakes::elements_of;
using fakes::make_tensor;

class PoseTest : public testing::Test {
 protected:
  void load(std::vector<TensorSpec> outputs) {
    device_.tensor_models["p"] = {.inputs = {{"in", DType::kUint8, {1, 2, 2, 3}}},
                                  .outputs = std::move(outputs),
                                  .run = fakes::number_outputs};
    auto model =
        make_pose_family()->load(device_, {.path = "p", .params = {}, .files = {{"p"}}}, context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
    input_.set("input", make_tensor(DType::kUint8, {2, 2, 3}, std::vector<std::uint8_t>(12, 7)));
  }

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeInput input_;
  fakes::FakeOutput output_;
  std::unique_ptr<FamilyModel> model_;
};

TEST_F(PoseTest, Several_outputs_come_under_their_layer_names_without_batch) {
  load({{"conv70", DType::kFloat32, {1, 2, 2, 64}}, {"conv71", DType::kFloat32, {1, 2, 2, 1}}});
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->as_object().size(), 2U);
  const auto& boxes = output_.tensor(result->at("conv70"));
  EXPECT_EQ(boxes.shape, (Shape{2, 2, 64}));
  EXPECT_EQ(elements_of<float>(boxes.data)[0], 1);
  const auto& scores = output_.tensor(result->at("conv71"));
  EXPECT_EQ(scores.shape, (Shape{2, 2, 1}));
  EXPECT_EQ(elements_of<float>(scores.data)[0], 2);
}

TEST_F(PoseTest, A_single_output_is_the_tensor_itself) {
  load({{"all", DType::kFloat32, {1, 5}}});
  const auto result = model_->infer(input_, output_, context_);
  ASSERT_TRUE(result);
  EXPECT_EQ(output_.tensor(*result).shape, Shape{5});
}

TEST_F(PoseTest, The_load_reply_says_what_picture_it_takes) {
  load({{"out", DType::kFloat32, {1, 4}}});
  EXPECT_EQ(boost::json::serialize(model_->load_info()),
            R"({"model_info":{"input_shape":[2,2,3],"outputs":[{"name":"out","shape":[4]}]}})");
}

TEST_F(PoseTest, Planes_are_refused) {
  load({{"all", DType::kFloat32, {1, 5}}});
  input_.set("input", make_tensor(DType::kUint8, {3, 2, 2}, std::vector<std::uint8_t>(12)));
  EXPECT_EQ(model_->infer(input_, output_, context_).error().message,
            "input must be uint8 (2, 2, 3), got uint8 (3, 2, 2)");
}

TEST_F(PoseTest, A_missing_input_is_named) {
  load({{"all", DType::kFloat32, {1, 5}}});
  EXPECT_EQ(model_->infer(fakes::FakeInput(), output_, context_).error().message,
            "input is required for pose inference");
}

TEST_F(PoseTest, Outputs_that_disagree_about_the_batch_are_refused_at_loading) {
  device_.tensor_models["x"] = {.inputs = {{"in", DType::kUint8, {1, 2, 2, 3}}},
                                .outputs = {{"out", DType::kFloat32, {4, 5}}},
                                .run = {}};
  const auto model =
      make_pose_family()->load(device_, {.path = "x", .params = {}, .files = {{"x"}}}, context_);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace npu::families
