#include "families/clip/clip.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"

namespace npu::families {
namespace {

namespace json = boost::json;
using fakes::elements_of;
using fakes::make_tensor;

json::object clip_params() {
  return {{"image_hef_path", "i.hef"},
          {"text_hef_path", "t.hef"},
          {"text_input_layer", "t/input_layer1"},
          {"text_output_layer", "t/normalization25"}};
}

class ClipTest : public testing::Test {
 protected:
  void SetUp() override {
    device_.tensor_models["i.hef"] = {.inputs = {{"in", DType::kUint8, {2, 2, 3}}},
                                      .outputs = {{"out", DType::kFloat32, {4}}},
                                      .run = fill(1)};
    device_.tensor_models["t.hef"] = {.inputs = {{"in", DType::kFloat32, {1, 7, 4}}},
                                      .outputs = {{"out", DType::kFloat32, {1, 7, 4}}},
                                      .run = fill(2)};
    auto model =
        make_clip_family()->load(device_,
                                 {.path = "clip",
                                  .params = clip_params(),
                                  .files = {{"i.hef"}, {"t.hef"}},
                                  .descriptions = {{.input = {.fit = PictureFit::kStretch}}}},
                                 context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
  }

  static decltype(fakes::FakeTensorSpec::run) fill(float value) {
    return [value](auto, auto outputs) -> Status {
      auto* to = reinterpret_cast<float*>(outputs[0].data.data());
      std::fill_n(to, outputs[0].data.size() / sizeof(float), value);
      return {};
    };
  }

  std::string error() {
    const auto result = model_->infer(input_, output_, context_);
    return result ? "no error" : result.error().message;
  }

  fakes::FakeDevice device_;
  fakes::FakeContext context_;
  fakes::FakeInput input_;
  fakes::FakeOutput output_;
  std::unique_ptr<FamilyModel> model_;
};

TEST_F(ClipTest, Pictures_and_texts_go_to_their_own_encoders) {
  input_.set("mode", json::value("image"));
  input_.set("tensor", make_tensor(DType::kUint8, {2, 2, 3}, std::vector<std::uint8_t>(12)));
  auto result = model_->infer(input_, output_, context_);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(output_.tensor(*result).shape, Shape{4});
  EXPECT_EQ(elements_of<float>(output_.tensor(*result).data), std::vector<float>(4, 1));

  input_.set("mode", json::value("text"));
  for (const Shape& shape : {Shape{7, 4}, Shape{1, 7, 4}}) {
    input_.set("tensor", make_tensor(DType::kFloat32, shape, std::vector<float>(28)));
    result = model_->infer(input_, output_, context_);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(output_.tensor(*result).shape, (Shape{1, 7, 4})) << "the shape of the file";
    EXPECT_EQ(elements_of<float>(output_.tensor(*result).data), std::vector<float>(28, 2));
  }
}

TEST_F(ClipTest, What_both_encoders_take_and_give_is_told) {
  EXPECT_EQ(model_->load_info(), json::parse(R"({"model_info": {
      "input_shape": [2, 2, 3], "outputs": [{"name": "out", "shape": [4]}],
      "input": {"fit": "stretch"},
      "text": {"input_shape": [7, 4], "output_shape": [7, 4], "batch": 1}}})"));
}

TEST_F(ClipTest, What_is_said_of_the_picture_is_for_the_image_encoder) {
  ASSERT_EQ(device_.loads.size(), 2U);
  ASSERT_TRUE(device_.loads[0].options.picture);
  EXPECT_EQ(device_.loads[0].options.picture->input.fit, PictureFit::kStretch);
  EXPECT_FALSE(device_.loads[1].options.picture);
}

TEST_F(ClipTest, The_layers_are_passed_to_the_text_encoder_only) {
  ASSERT_EQ(device_.loads.size(), 2U);
  EXPECT_EQ(device_.loads[0].options.output_layer, "");
  EXPECT_EQ(device_.loads[1].options.input_layer, "t/input_layer1");
  EXPECT_EQ(device_.loads[1].options.output_layer, "t/normalization25");
}

TEST_F(ClipTest, Wrong_requests_have_the_texts_of_the_contract) {
  EXPECT_EQ(error(), "clip mode must be 'image' or 'text'");
  input_.set("mode", json::value(7));
  EXPECT_EQ(error(), "clip mode must be 'image' or 'text'");
  input_.set("mode", json::value("image"));
  EXPECT_EQ(error(), "tensor is required for clip inference");
  input_.set("tensor", make_tensor(DType::kFloat32, {2, 2, 3}, std::vector<float>(12)));
  EXPECT_EQ(error(), "tensor must be uint8 (2, 2, 3), got float32 (2, 2, 3)");
  input_.set("mode", json::value("text"));
  input_.set("tensor", make_tensor(DType::kFloat32, {1, 6, 4}, std::vector<float>(24)));
  EXPECT_EQ(error(), "tensor must be float32 (1, 7, 4), got float32 (1, 6, 4)");
  EXPECT_TRUE(device_.runs.empty());
}

// A file that takes as many texts as it is asked to.
class ClipBatchTest : public ClipTest {
 protected:
  void load(int batch, std::int64_t of_file) {
    const auto adds_one = [](auto inputs, auto outputs) -> Status {
      const auto* from = reinterpret_cast<const float*>(inputs[0].data.data());
      auto* to = reinterpret_cast<float*>(outputs[0].data.data());
      const std::size_t count = inputs[0].data.size() / sizeof(float);
      std::transform(from, from + count, to, [](float value) { return value + 1; });
      return {};
    };
    device_.tensor_models["t.hef"].run = adds_one;
    device_.before_load = [this, of_file](auto&) {
      const bool many = device_.loads.size() == 3;  // after the image and one text
      for (auto* specs :
           {&device_.tensor_models["t.hef"].inputs, &device_.tensor_models["t.hef"].outputs}) {
        specs->front().shape = many ? Shape{of_file, 1, 2} : Shape{1, 1, 2};
      }
    };
    device_.loads.clear();
    auto params = clip_params();
    params["text_batch"] = batch;
    auto model = make_clip_family()->load(
        device_, {.path = "clip", .params = params, .files = {{"i.hef"}, {"t.hef"}}}, context_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
  }

  // Texts of 0, 1, 2, ...
  void expect_encoded(int count) {
    json::array tensors;
    for (int i = 0; i < count; ++i) {
      const auto value = static_cast<float>(i);
      tensors.push_back(
          input_.add(make_tensor(DType::kFloat32, {1, 2}, std::vector{value, -value})));
    }
    input_.set("mode", json::value("text"));
    input_.set("tensors", json::value(tensors));
    device_.runs.clear();
    const auto result = model_->infer(input_, output_, context_);
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_EQ(result->as_array().size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      const auto value = static_cast<float>(i);
      EXPECT_EQ(elements_of<float>(output_.tensor(result->at(static_cast<std::size_t>(i))).data),
                (std::vector{value + 1, 1 - value}));
    }
  }
};

TEST_F(ClipBatchTest, Many_texts_are_encoded_in_batches_and_few_one_by_one) {
  load(4, 4);
  EXPECT_EQ(device_.loads.back().options.batch, 4);
  EXPECT_EQ(model_->load_info().at("model_info").at("text").at("batch"), 4);
  for (const auto& [texts, runs] :
       {std::pair(1, 1), {2, 2}, {3, 1}, {4, 1}, {5, 2}, {7, 2}, {10, 4}}) {
    SCOPED_TRACE(texts);
    expect_encoded(texts);
    EXPECT_EQ(device_.runs.size(), static_cast<std::size_t>(runs));
  }
}

TEST_F(ClipBatchTest, A_file_for_one_text_encodes_them_one_by_one) {
  load(4, 1);
  EXPECT_EQ(model_->load_info().at("model_info").at("text").at("batch"), 1);
  expect_encoded(5);
  EXPECT_EQ(device_.runs.size(), 5U);
}

TEST_F(ClipBatchTest, Wrong_lists_are_told) {
  load(4, 4);
  input_.set("mode", json::value("text"));
  input_.set("tensors", json::array{});
  EXPECT_EQ(error(), "tensors must be 1..256, got 0");
  input_.set("tensors", json::value(json::array(257)));
  EXPECT_EQ(error(), "tensors must be 1..256, got 257");
  input_.set("tensors", json::value(json::array{
                            input_.add(make_tensor(DType::kFloat32, {1, 2}, std::vector<float>(2))),
                            input_.add(make_tensor(DType::kFloat32, {3}, std::vector<float>(3)))}));
  EXPECT_EQ(error(), "tensors[1] must be float32 (1, 1, 2), got float32 (3,)");
  EXPECT_TRUE(device_.runs.empty());
}

TEST(ClipPlan, A_batch_is_another_model) {
  auto params = clip_params();
  params["text_batch"] = 1;
  EXPECT_EQ(make_clip_family()->plan("clip", params)->variant,
            make_clip_family()->plan("clip", clip_params())->variant);
  params["text_batch"] = 8;
  EXPECT_EQ(make_clip_family()->plan("clip", params)->variant.at("text_batch"), 8);
  params["text_batch"] = 65;
  EXPECT_EQ(make_clip_family()->plan("clip", params).error().message,
            "text_batch must be a whole number in 1..64, got 65");
}

TEST(ClipPlan, Names_both_files_and_what_to_say_without_them) {
  const auto plan = make_clip_family()->plan("clip", clip_params());
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->files.size(), 2U);
  EXPECT_EQ(plan->files[0].missing_message, "Image HEF not found: i.hef");
  EXPECT_EQ(plan->files[1].missing_message, "Text HEF not found: t.hef");
}

TEST(ClipPlan, Missing_parameters_have_the_texts_of_the_contract) {
  const auto message = [](json::object params) {
    return make_clip_family()->plan("clip", params).error().message;
  };
  EXPECT_EQ(message({}), "image_hef_path and text_hef_path are required for clip");
  auto some = clip_params();
  some["text_hef_path"] = "";
  EXPECT_EQ(message(some), "image_hef_path and text_hef_path are required for clip");
  some = clip_params();
  some.erase("text_output_layer");
  EXPECT_EQ(message(some), "text_input_layer and text_output_layer are required for clip");
  some = clip_params();
  some["image_hef_path"] = json::array{1, 2};
  EXPECT_EQ(message(some), "image_hef_path must be a string, got a list");
}

}  // namespace
}  // namespace npu::families
