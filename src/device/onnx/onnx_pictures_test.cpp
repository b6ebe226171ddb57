// Models that take a picture in another way than families hand it over.
#include <cstring>

#include <gtest/gtest.h>

#include "device/onnx/open.hpp"
#include "fakes/fake_device.hpp"
#include "fakes/onnx_bytes.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device {
namespace {

std::string file_of(std::string_view name) {
  return std::string(NPU_TEST_MODELS "/") + std::string(name);
}

class OnnxPictures : public testing::Test {
 protected:
  static Device& device() {
    static const auto kDevice = open_onnx({.threads = 2}).value();
    return *kDevice;
  }

  Result<std::unique_ptr<TensorModel>> load(const std::string& path,
                                            const InputDescription& input = {}) {
    TensorOptions options;
    options.picture.emplace().input = input;
    return device().load_tensor({path}, options, context_);
  }
  std::string load_error(const std::string& path, const InputDescription& input = {}) {
    const auto loaded = load(path, input);
    EXPECT_FALSE(loaded);
    return loaded ? "" : loaded.error().message;
  }
  std::vector<float> run(TensorModel& model, const std::vector<std::uint8_t>& picture) {
    const TensorSpec& out = model.outputs().at(0);
    EXPECT_EQ(out.dtype, DType::kFloat32);
    std::vector<float> result(byte_size(out.dtype, out.shape).value() / sizeof(float));
    const TensorView in{DType::kUint8, model.inputs()[0].shape, std::as_bytes(std::span(picture))};
    const MutableTensorView to{out.dtype, out.shape, std::as_writable_bytes(std::span(result))};
    const auto ran = model.run(std::span(&in, 1), std::span(&to, 1), context_);
    EXPECT_TRUE(ran) << ran.error().message;
    return result;
  }

  fakes::FakeContext context_;
  fakes::TempDir dir_;
};

constexpr InputDescription::Channels k255{255, 255, 255, 255};
constexpr InputDescription::Channels k1{1, 1, 1, 1};

// 4 x 6 pixels; the second one is (10, 20, 30).
std::vector<std::uint8_t> picture() {
  std::vector<std::uint8_t> bytes(4 * 6 * 3);
  bytes[3] = 10;
  bytes[4] = 20;
  bytes[5] = 30;
  return bytes;
}

TEST_F(OnnxPictures, Clients_see_bytes_and_floats_whatever_the_graph_has) {
  for (const char* name : {"echo_nchw.onnx", "echo_nhwc.onnx", "echo_half.onnx"}) {
    const auto model = load(file_of(name), {.std = k255});
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->inputs()[0].dtype, DType::kUint8);
    EXPECT_EQ((*model)->inputs()[0].shape, (Shape{1, 4, 6, 3}));
    const bool planar = std::string_view(name) != "echo_nhwc.onnx";
    const auto tensor = run(**model, picture());
    for (std::size_t c = 0; c < 3; ++c) {
      const float value = tensor[planar ? c * 24 + 1 : 3 + c];
      EXPECT_NEAR(value, 10.F * static_cast<float>(c + 1) / 255, name[5] == 'h' ? 5e-5 : 0) << name;
    }
  }
  const auto bytes = load(file_of("echo_bytes.onnx"), {.colour = PixelColour::kBgr});
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(run(**bytes, picture())[1], 30);
}

TEST_F(OnnxPictures, The_next_picture_leaves_nothing_of_the_one_before) {
  const auto model = load(file_of("echo_nchw.onnx"), {.std = k1});
  ASSERT_TRUE(model) << model.error().message;
  (void)run(**model, std::vector<std::uint8_t>(4 * 6 * 3, 200));
  EXPECT_EQ(run(**model, std::vector<std::uint8_t>(4 * 6 * 3, 7)), std::vector<float>(72, 7));
}

TEST_F(OnnxPictures, Sides_that_the_file_leaves_open_are_those_of_the_description) {
  const auto model = load(file_of("echo_free.onnx"), {.width = 6, .height = 4, .std = k1});
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->inputs()[0].shape, (Shape{1, 4, 6, 3}));
  EXPECT_EQ((*model)->outputs()[0].shape, (Shape{1, 3, 4, 6}));
  EXPECT_EQ(run(**model, picture())[24 + 1], 20);
  EXPECT_NE(load_error(file_of("echo_free.onnx"), {.std = k1}).find("echo_free.yaml"),
            std::string::npos);
}

TEST_F(OnnxPictures, Where_a_step_is_known_every_run_may_have_a_size_of_its_own) {
  TensorOptions options{.batch = 4};
  options.picture.emplace().input = {
      .width = 6, .height = 4, .step = 2, .max_side = 9, .std = k255};
  const auto model = device().load_tensor({file_of("echo_free.onnx")}, options, context_);
  ASSERT_TRUE(model) << model.error().message;
  const auto& free = (*model)->free_pictures();
  ASSERT_TRUE(free);
  EXPECT_TRUE(free->height && free->width);
  EXPECT_EQ(free->step, 2);
  EXPECT_EQ(free->max_side, 8) << "the last multiple of the step";
  EXPECT_EQ(free->batch, 4);
  EXPECT_EQ(run(**model, picture())[24 + 1], 20 / 255.F)
      << "as ever in the size of the description";

  std::vector<std::uint8_t> two(2 * 2 * 8 * 3);
  two[3] = 10;               // second pixel of the first picture, red
  two[2 * 8 * 3 + 5] = 255;  // second pixel of the second one, blue
  const TensorView pictures{DType::kUint8, {2, 2, 8, 3}, std::as_bytes(std::span(two))};
  const auto outputs = (*model)->run_free(pictures, context_);
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(outputs->at(0).shape, (Shape{2, 3, 2, 8}));
  std::vector<float> expected(2 * 3 * 16);
  expected[1] = 10 / 255.F;
  expected[3 * 16 + 2 * 16 + 1] = 1;
  EXPECT_EQ(fakes::elements_of<float>(outputs->at(0).data), expected);
}

TEST_F(OnnxPictures, What_a_file_says_of_itself_is_known_of_the_model) {
  for (const char* name : {"fruit.onnx", "fruit_free.onnx"}) {
    const auto model = load(file_of(name));
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->inputs()[0].shape, (Shape{1, 64, 64, 3}));
    EXPECT_EQ((*model)->outputs()[0].shape, (Shape{1, 6, 84}));
    EXPECT_EQ((*model)->description().labels, (std::vector<std::string>{"apple", "pear"}));
    EXPECT_EQ((*model)->description().head, "decoded");
  }
  const auto other = load(file_of("fruit.onnx"), {.fit = PictureFit::kStretch});
  EXPECT_EQ((*other)->description().input.fit, PictureFit::kStretch) << "who describes it, knows";
}

TEST_F(OnnxPictures, What_users_meet_is_explained) {
  EXPECT_NE(load_error(file_of("int8_weights.onnx"))
                .find("ONNX Runtime refuses int8_weights.onnx: 1 of its integer convolutions"),
            std::string::npos);
  EXPECT_NE(load_error(file_of("one_step.onnx"))
                .find("one_step.onnx finds nothing: its output 'output0' is quantised in steps of "
                      "2.5"),
            std::string::npos);
  EXPECT_EQ(load_error(dir_.file("a.onnx", "version https://git-lfs.github.com/spec/v1\n"))
                .find("a.onnx is not an ONNX model: the file is a placeholder of Git LFS"),
            0U);
  using namespace fakes;
  const std::string graph = field(1, node("Cast", {"x"}, "y")) +
                            field(11, value_info("x", kUint8Elements, {1, 4, 6, 3})) +
                            field(12, value_info("y", kUint8Elements, {1, 4, 6, 3}));
  const std::string of_the_future =
      number(1, 8) + field(8, field(1, "") + number(2, 99)) + field(7, graph + field(2, "g"));
  EXPECT_EQ(load_error(dir_.file("b.onnx", of_the_future))
                .find("ONNX Runtime refuses b.onnx: it has opset 99"),
            0U);
  EXPECT_NE(load_error(file_of("echo_nchw.onnx")).find("nothing says how a picture becomes that"),
            std::string::npos);
}

}  // namespace
}  // namespace npu::device
