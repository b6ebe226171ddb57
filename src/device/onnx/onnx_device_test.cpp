#include <cstring>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "device/onnx/open.hpp"
#include "fakes/fake_device.hpp"
#include "fakes/onnx_bytes.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device {
namespace {

using namespace fakes;

std::string model(std::string_view name) {
  return std::string(NPU_TEST_MODELS "/") + std::string(name);
}

class OnnxTest : public testing::Test {
 protected:
  // One runtime for all tests, as in the worker.
  static Device& device() {
    static const auto kDevice = open_onnx({.threads = 2}).value();
    return *kDevice;
  }

  std::unique_ptr<TensorModel> load(const ModelFile& file, const TensorOptions& options = {}) {
    auto loaded = device().load_tensor(file, options, context_);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? std::move(*loaded) : nullptr;
  }

  Error load_error(const ModelFile& file, const TensorOptions& options = {}) {
    const auto loaded = device().load_tensor(file, options, context_);
    EXPECT_FALSE(loaded);
    return loaded ? Error{} : loaded.error();
  }

  fakes::FakeContext context_;
  fakes::TempDir dir_;
};

// Runs with memory of the caller, which the model must read and write in place.
std::vector<std::vector<float>> run(TensorModel& model, const std::vector<std::byte>& input,
                                    RunContext& context) {
  const auto& in = model.inputs()[0];
  std::vector<std::vector<float>> results;
  for (const auto& out : model.outputs()) {
    results.emplace_back(byte_size(out.dtype, out.shape).value() / sizeof(float), -1.0F);
  }
  std::vector<MutableTensorView> views;
  for (std::size_t i = 0; i < results.size(); ++i) {
    views.push_back({model.outputs()[i].dtype, model.outputs()[i].shape,
                     std::as_writable_bytes(std::span(results[i]))});
  }
  const TensorView view{in.dtype, in.shape, input};
  const auto ran = model.run(std::span(&view, 1), views, context);
  EXPECT_TRUE(ran) << ran.error().message;
  return results;
}

TEST_F(OnnxTest, Says_what_it_is) {
  const auto info = device().info();
  EXPECT_EQ(info.kind, "onnx");
  EXPECT_EQ(info.id, "cpu");
  EXPECT_FALSE(info.architecture.empty());
  EXPECT_EQ(info.firmware.rfind("ONNX Runtime 1.", 0), 0U);
  EXPECT_GT(info.memory_bytes, 0U);
  EXPECT_FALSE(info.group_release);
  EXPECT_GT(device().telemetry().memory_used_bytes.value_or(0), 0U);
}

TEST_F(OnnxTest, Computes_into_the_memory_it_is_given) {
  const auto depth = load({model("depth_mean.onnx")});
  ASSERT_NE(depth, nullptr);
  EXPECT_EQ(depth->inputs()[0].shape, (Shape{1, 256, 320, 3}));
  EXPECT_EQ(depth->outputs()[0].shape, (Shape{1, 256, 320, 1}));
  std::vector<std::byte> picture(256 * 320 * 3);
  for (std::size_t i = 0; i < 6; ++i) picture[i] = std::byte(i * 10);
  const auto results = run(*depth, picture, context_);
  EXPECT_FLOAT_EQ(results[0][0], 10);
  EXPECT_FLOAT_EQ(results[0][1], 40);
  EXPECT_FLOAT_EQ(results[0].back(), 0);
}

TEST_F(OnnxTest, Several_outputs_go_to_their_own_places) {
  const auto pose = load({model("pose_many.onnx")});
  ASSERT_NE(pose, nullptr);
  ASSERT_EQ(pose->outputs().size(), 3U);
  std::vector<std::byte> picture(64 * 64 * 3);
  picture[0] = std::byte{100};
  const auto results = run(*pose, picture, context_);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(results[i], std::vector<float>(results[i].size(), 101.0F + static_cast<float>(i)));
  }
}

TEST_F(OnnxTest, A_free_first_dimension_becomes_the_batch) {
  const auto one = load({model("ocr_rec.onnx")});
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->inputs()[0].shape, (Shape{1, 48, 320, 3}));
  const auto four = load({model("ocr_rec.onnx")}, {.batch = 4});
  ASSERT_NE(four, nullptr);
  EXPECT_EQ(four->inputs()[0].shape, (Shape{4, 48, 320, 3}));
  EXPECT_EQ(four->outputs()[0].shape, (Shape{4, 40, 97}));
  std::vector<std::byte> crops(4 * 48 * 320 * 3);
  std::memset(crops.data() + crops.size() / 4, 8, crops.size() / 4);
  const auto results = run(*four, crops, context_);
  EXPECT_FLOAT_EQ(results[0][0], 0);
  EXPECT_FLOAT_EQ(results[0][40 * 97], 8);
  EXPECT_FLOAT_EQ(results[0][2 * 40 * 97], 0);
}

TEST_F(OnnxTest, Any_other_free_dimension_is_refused_with_advice) {
  const auto error = load_error({model("dynamic_width.onnx")});
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.message,
            "'input' of the model has a free dimension (1, 48, -1, 3); only the first one may be "
            "free: export the model with fixed shapes");
}

TEST_F(OnnxTest, An_output_is_picked_by_name_where_there_is_a_choice) {
  const auto scores = load({model("pose_many.onnx")}, {.output_layer = "scores"});
  ASSERT_NE(scores, nullptr);
  ASSERT_EQ(scores->outputs().size(), 1U);
  const auto results = run(*scores, std::vector<std::byte>(64 * 64 * 3), context_);
  EXPECT_EQ(results[0], std::vector<float>(64, 2.0F));
  EXPECT_EQ(load_error({model("pose_many.onnx")}, {.output_layer = "nose"}).message,
            "the model has no output 'nose'; it has: boxes, scores, keypoints");
  EXPECT_NE(load({model("clip_text.onnx")}, {.input_layer = "a/b", .output_layer = "a/c"}),
            nullptr);
}

TEST_F(OnnxTest, A_passed_descriptor_is_what_is_read) {
  const UniqueFd fd(::open(model("depth_mean.onnx").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_NE(load({"/nowhere/name.onnx", fd.get()}), nullptr);
}

TEST_F(OnnxTest, Files_that_are_no_models_are_typed_errors_without_inner_text) {
  EXPECT_EQ(load_error({dir_.file("text.onnx", "this is no model at all")}).message,
            "text.onnx is not an ONNX model or is damaged");
  EXPECT_EQ(load_error({dir_.file("empty.onnx", "")}).message, "empty.onnx is empty");
  EXPECT_EQ(load_error({dir_.path("none.onnx")}).code, ErrorCode::kNotFound);
  EXPECT_EQ(load_error({dir_.path(".")}).code, ErrorCode::kMalformed);
  std::string half;
  {
    std::ifstream whole(model("pose_many.onnx"), std::ios::binary);
    half.assign(std::istreambuf_iterator<char>(whole), {});
    half.resize(half.size() / 2);
  }
  const auto error = load_error({dir_.file("half.onnx", half)});
  EXPECT_EQ(error.code, ErrorCode::kMalformed);
  EXPECT_LT(error.message.size(), 80U);
}

// One input that nothing uses, and one output: the weights w, which lie where `content` says.
std::string model_with_weights(const std::string& content) {
  const std::string weights = number(1, 4) + number(2, kUint8Elements) + field(8, "w") + content;
  return model_of(field(1, node("Identity", {"w"}, "y")) + field(5, weights) +
                  field(11, value_info("x", kUint8Elements, {1})) +
                  field(12, value_info("y", kUint8Elements, {4})));
}

TEST_F(OnnxTest, No_file_of_the_machine_gets_into_a_model) {
  const auto secret = dir_.file("secret", "abcd");
  const auto entry = [](std::string_view key, std::string_view value) {
    return field(13, field(1, key) + field(2, value));
  };
  const std::string elsewhere = number(14, 1);
  const auto whole = load({dir_.file("whole.onnx", model_with_weights(field(9, "abcd")))});
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(whole->outputs()[0].shape, (Shape{4}));
  for (const auto& location : {entry("location", secret),
                               entry("location", "*/_ORT_MEM_ADDR_/*") + entry("offset", "0")}) {
    const auto file = dir_.file("thief.onnx", model_with_weights(location + elsewhere));
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    const auto error = load_error({"thief.onnx", fd.get()});
    EXPECT_EQ(error.code, ErrorCode::kUnsupported);
    EXPECT_EQ(error.message,
              "thief.onnx keeps weights in another file (external data); save it as one file");
  }
}

TEST_F(OnnxTest, An_output_whose_size_only_its_values_tell_is_refused) {
  const auto found =
      dir_.file("found.onnx", model_of(field(1, node("NonZero", {"x"}, "at")) +
                                       field(1, node("Transpose", {"at"}, "found")) +
                                       field(11, value_info("x", kUint8Elements, {4})) +
                                       field(12, value_info("found", kInt64Elements, {kFree, 1}))));
  const auto error = load_error({found});
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.message,
            "'found' of the model has a free first dimension, and no input has one: export the "
            "model with fixed shapes");
}

TEST_F(OnnxTest, An_output_without_a_shape_is_refused_unless_another_is_wanted) {
  const auto file = dir_.file(
      "formless.onnx", model_of(field(1, node("Reshape", {"x", "shape"}, "formless")) +
                                field(1, node("Identity", {"x"}, "plain")) +
                                field(11, value_info("x", kUint8Elements, {4})) +
                                field(11, value_info("shape", kInt64Elements, {kFree})) +
                                field(12, value_info_without_shape("formless", kUint8Elements)) +
                                field(12, value_info("plain", kUint8Elements, {4}))));
  const auto error = load_error({file});
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_EQ(error.message,
            "'formless' of the model has no known shape: export the model with fixed shapes");
  EXPECT_NE(load({file}, {.output_layer = "plain"}), nullptr);
}

TEST_F(OnnxTest, Language_and_speech_models_are_refused_in_words) {
  const auto text = device().load_text({"x.hef"}, context_);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(
      text.error().message,
      "the CPU device runs tensor models; text generation needs an NPU or the simulated device");
  const auto speech = device().load_speech({"x.hef"}, context_);
  ASSERT_FALSE(speech);
  EXPECT_EQ(speech.error().code, ErrorCode::kUnsupported);
}

TEST_F(OnnxTest, A_cancelled_job_is_not_run) {
  const auto depth = load({model("depth_mean.onnx")});
  ASSERT_NE(depth, nullptr);
  context_.cancel_after(0);
  std::vector<std::byte> picture(256 * 320 * 3);
  std::vector<float> map(256 * 320);
  const TensorView in{DType::kUint8, depth->inputs()[0].shape, picture};
  const MutableTensorView out{DType::kFloat32, depth->outputs()[0].shape,
                              std::as_writable_bytes(std::span(map))};
  const auto ran = depth->run(std::span(&in, 1), std::span(&out, 1), context_);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace npu::device
