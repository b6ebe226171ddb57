#include "onnx/picture_input.hpp"

#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "onnx/half.hpp"

namespace npu::onnx {
namespace {

using Channels = InputDescription::Channels;

std::vector<float> floats_of(const PictureInput& input, const std::vector<std::uint8_t>& picture) {
  std::vector<float> tensor(byte_size(input.graph().dtype, input.graph().shape).value() / 4);
  input.convert(std::as_bytes(std::span(picture)), std::as_writable_bytes(std::span(tensor)));
  return tensor;
}

std::string refusal(const TensorSpec& graph, const InputDescription& known) {
  const auto input = PictureInput::create(graph, known, "mine.onnx");
  EXPECT_FALSE(input);
  if (input) return "";
  EXPECT_EQ(input.error().code, ErrorCode::kUnsupported);
  return input.error().message;
}

TEST(PictureInput, Planes_reversed_channels_mean_and_std) {
  const auto input = PictureInput::create(
      {"x", DType::kFloat32, {1, 3, 1, 2}},
      {.colour = PixelColour::kBgr, .mean = Channels{1, 2, 3, 0}, .std = Channels{2, 4, 8, 1}},
      "m.onnx");
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->picture().shape, (Shape{1, 1, 2, 3}));
  EXPECT_EQ(input->picture().dtype, DType::kUint8);
  // Two pixels; planes of B, G, R, with the numbers of the graph's first, second and third channel.
  EXPECT_EQ(floats_of(*input, {3, 10, 21, 255, 6, 1}),
            (std::vector<float>{10, 0, 2, 1, 0, 252 / 8.F}));
}

TEST(PictureInput, What_the_graph_takes_as_it_is_is_not_copied) {
  EXPECT_TRUE(PictureInput::create({"x", DType::kUint8, {1, 2, 2, 3}}, {}, "m")->as_it_is());
  EXPECT_TRUE(PictureInput::create({"x", DType::kUint8, {2, 2, 1}}, {}, "m")->as_it_is());
  EXPECT_TRUE(PictureInput::create({"x", DType::kUint8, {1, 2, 2}}, {}, "m")->as_it_is())
      << "one channel is the same in either order";
  EXPECT_FALSE(PictureInput::create({"x", DType::kUint8, {1, 3, 2, 2}}, {}, "m")->as_it_is());
  EXPECT_FALSE(
      PictureInput::create({"x", DType::kUint8, {1, 2, 2, 3}}, {.colour = PixelColour::kBgr}, "m")
          ->as_it_is());
}

TEST(PictureInput, Free_sides_are_those_that_are_known) {
  const TensorSpec graph{"x", DType::kFloat32, {-1, 3, -1, -1}};
  const auto input =
      PictureInput::create(graph, {.width = 64, .height = 32, .std = Channels{1, 1, 1, 1}}, "m");
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->graph().shape, (Shape{1, 3, 32, 64}));
  EXPECT_EQ(input->picture().shape, (Shape{1, 32, 64, 3}));
  EXPECT_EQ(refusal(graph, {.std = Channels{1, 1, 1, 1}}),
            "mine.onnx takes pictures of any size (-1, 3, -1, -1): write one into mine.yaml beside "
            "it, \"input: {width: 640, height: 640}\", or export it with a fixed one");
}

TEST(PictureInput, Says_what_cannot_be_made_of_a_picture_and_what_it_needs_to_know) {
  const Channels one{1, 1, 1, 1};
  EXPECT_EQ(
      refusal({"x", DType::kFloat32, {1, 3, 8, 8}}, {})
          .find("mine.onnx takes float32 (1, 3, 8, 8), and nothing says how a picture becomes "
                "that: write mine.yaml beside it"),
      0U);
  EXPECT_EQ(
      refusal({"x", DType::kFloat32, {1, 8, 8, 3}}, {.layout = PixelLayout::kNchw, .std = one}),
      "mine.onnx takes float32 (1, 8, 8, 3), which is no picture of 1 or 3 channels in the "
      "layout nchw");
  EXPECT_EQ(refusal({"x", DType::kInt64, {1, 3, 8, 8}}, {.std = one}),
            "mine.onnx takes int64: of pictures can be made uint8, float16 and float32");
  EXPECT_EQ(refusal({"x", DType::kFloat32, {4, 3, 8, 8}}, {.std = one}),
            "mine.onnx takes 4 pictures at a time: export it with a batch of 1");
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{1, 7}, Shape{1, 1, 3, 8, 8}, Shape{5, 5, 5},
                             Shape{1, 3, 0, 8}, Shape{1, 3, INT64_MAX, INT64_MAX}}) {
    EXPECT_NE(refusal({"x", DType::kFloat32, shape}, {.std = one}).find("is no picture"),
              std::string::npos)
        << to_string(shape);
  }
}

// Against what the compiler computes.
TEST(Half, Is_the_nearest_and_comes_back_exactly) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = float_of_half(half);
    if (std::isnan(value)) {
      EXPECT_TRUE((bits & 0x7C00U) == 0x7C00U && (bits & 0x3FFU) != 0) << bits;
      continue;
    }
    ASSERT_EQ(half_of(value), half) << bits;
  }
  EXPECT_EQ(float_of_half(0x3C00), 1);
  EXPECT_EQ(float_of_half(0x0001), 0x1p-24F);
  EXPECT_EQ(float_of_half(0xFBFF), -65504);
  EXPECT_EQ(half_of(1.0 / 3), 0x3555);
  EXPECT_EQ(half_of(0x1p-25), 0) << "halfway: to even";
  EXPECT_EQ(half_of(65519.9), 0x7BFF);
  EXPECT_EQ(half_of(65520), 0x7C00);
  EXPECT_EQ(half_of(-std::numeric_limits<double>::infinity()), 0xFC00);
}

}  // namespace
}  // namespace npu::onnx
