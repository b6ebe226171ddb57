#include "families/detect/detect.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"

namespace npu::families {
namespace {

TEST(DetectFamily, Heads_come_out_under_their_names_with_the_bytes_that_the_device_gave) {
  fakes::FakeDevice device;
  fakes::FakeContext context;
  device.tensor_models["d"] = {
      .inputs = {{"in", DType::kUint8, {2, 2, 3}}},
      .outputs = {{"conv41", DType::kFloat32, {2, 2, 64}}, {"conv42", DType::kFloat32, {2, 2, 80}}},
      .run = fakes::number_outputs};
  LoadRequest request{.path = "d", .params = {}, .files = {{"d"}}, .descriptions = {{}}};
  request.descriptions[0].head = "dfl";
  request.descriptions[0].labels = {"cat", "dog"};
  request.descriptions[0].input.fit = PictureFit::kCorner;
  request.descriptions[0].input.padding = 0;
  auto model = make_detect_family()->load(device, request, context);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(boost::json::serialize((*model)->load_info()),
            R"({"model_info":{"input_shape":[2,2,3],"outputs":[{"name":"conv41","shape":[2,2,64]},)"
            R"({"name":"conv42","shape":[2,2,80]}],"input":{"fit":"corner","padding":0},)"
            R"("head":"dfl","labels":["cat","dog"]}})");
  fakes::FakeInput input;
  fakes::FakeOutput output;
  EXPECT_EQ((*model)->infer(input, output, context).error().message,
            "input is required for detect inference");
  input.set("input",
            fakes::make_tensor(DType::kUint8, {2, 2, 3}, std::vector<std::uint8_t>(12, 7)));
  const auto result = (*model)->infer(input, output, context);
  ASSERT_TRUE(result) << result.error().message;
  const auto& scores = output.tensor(result->at("conv42"));
  EXPECT_EQ(scores.shape, (Shape{2, 2, 80}));
  EXPECT_EQ(fakes::elements_of<float>(scores.data)[0], 2);
}

}  // namespace
}  // namespace npu::families
