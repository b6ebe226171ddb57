#include "families/segment/segment.hpp"

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"
#include "fakes/fake_request.hpp"
#include "families/detect/detect.hpp"

namespace npu::families {
namespace {

const fakes::FakeTensorSpec kMasks{
    .inputs = {{"in", DType::kUint8, {2, 2, 3}}},
    .outputs = {{"nms", DType::kFloat32, {5, 6}}, {"nms/masks", DType::kUint8, {64}}},
    .run = [](auto, auto outputs) {
      outputs[1].data[63] = std::byte{7};
      return Status{};
    }};

TEST(SegmentFamily, Masks_that_the_device_has_made_come_out_as_bytes) {
  fakes::FakeDevice device;
  fakes::FakeContext context;
  device.tensor_models["s"] = kMasks;
  auto model =
      make_segment_family()->load(device, {.path = "s", .params = {}, .files = {{"s"}}}, context);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(boost::json::serialize((*model)->load_info().at("model_info").at("outputs")),
            R"([{"name":"nms","shape":[5,6]},{"name":"nms/masks","shape":[64],"dtype":"uint8"}])");
  fakes::FakeInput input;
  fakes::FakeOutput output;
  EXPECT_EQ((*model)->infer(input, output, context).error().message,
            "input is required for segment inference");
  input.set("input",
            fakes::make_tensor(DType::kUint8, {2, 2, 3}, std::vector<std::uint8_t>(12, 7)));
  const auto result = (*model)->infer(input, output, context);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(output.tensor(result->at("nms")).shape, (Shape{5, 6}));
  const auto& masks = output.tensor(result->at("nms/masks"));
  EXPECT_EQ(masks.dtype, DType::kUint8);
  EXPECT_EQ(masks.shape, Shape{64});
  EXPECT_EQ(masks.data[63], std::byte{7});
}

TEST(SegmentFamily, Other_families_take_no_bytes) {
  fakes::FakeDevice device;
  fakes::FakeContext context;
  device.tensor_models["s"] = kMasks;
  const auto model =
      make_detect_family()->load(device, {.path = "s", .params = {}, .files = {{"s"}}}, context);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message,
            "a detect model gives float32 tensors; output 'nms/masks' is uint8");
}

}  // namespace
}  // namespace npu::families
