#include "onnx/onnx_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "fakes/onnx_bytes.hpp"

namespace npu::onnx {
namespace {

using namespace fakes;

constexpr std::uint64_t kFloat = 1;
constexpr std::uint64_t kInt8 = 3;

Result<OnnxFile> read(const std::string& file) {
  return read_onnx_file(std::as_bytes(std::span(file)));
}

std::string initializer(std::string_view name, std::uint64_t type, std::string_view raw = "") {
  return field(5, number(2, type) + field(8, name) + field(9, raw));
}

std::string meta(std::string_view key, std::string_view value) {
  return field(14, field(1, key) + field(2, value));
}

TEST(OnnxFile, Says_what_goes_in_and_out_and_what_is_said_of_it) {
  const std::string graph =
      field(1, node("Conv", {"images", "w"}, "y")) + initializer("w", kFloat) +
      field(11, value_info("images", kFloat, {1, 3, kFree, 640})) +
      field(11, value_info("w", kFloat, {4})) + field(12, value_info("y", 99, {1, 84})) +
      field(12, value_info_without_shape("z", kFloat));
  const auto file = read(model_of(graph) + field(2, "pytorch") + meta("task", "detect"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->ir_version, 8);
  EXPECT_EQ(file->opset, 13);
  EXPECT_EQ(file->producer, "pytorch");
  EXPECT_EQ(file->meta("task"), "detect");
  EXPECT_EQ(file->meta("names"), "");
  ASSERT_EQ(file->inputs.size(), 1U) << "a weight is no input";
  EXPECT_EQ(file->inputs[0].name, "images");
  EXPECT_EQ(describe(file->inputs[0]), "float32 (1, 3, ?, 640)");
  EXPECT_EQ(describe(file->outputs[0]), "type 99 (1, 84)");
  EXPECT_EQ(describe(file->outputs[1]), "float32 without a known shape");
}

TEST(OnnxFile, Finds_what_the_runtime_or_the_numbers_cannot_do) {
  const float step = 2.5F;
  const std::string raw(reinterpret_cast<const char*>(&step), sizeof step);
  const std::string graph = field(1, node("ConvInteger", {"x", "a"}, "p")) +
                            field(1, node("MatMulInteger", {"p", "b"}, "q")) +
                            field(1, node("DequantizeLinear", {"q", "scale", "zero"}, "y")) +
                            initializer("a", kInt8) + initializer("b", kUint8Elements) +
                            initializer("scale", kFloat, raw) +
                            field(12, value_info("y", kFloat, {1, 84, 8400}));
  const auto file = read(model_of(graph));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->int8_products, 1U);
  EXPECT_EQ(file->outputs[0].step, 2.5F);
}

TEST(OnnxFile, Reads_the_models_of_other_tests) {
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NPU_TEST_MODELS)) {
    if (entry.path().extension() != ".onnx") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const auto file = read({std::istreambuf_iterator<char>(in), {}});
    ASSERT_TRUE(file) << entry.path();
    EXPECT_EQ(file->opset, 13);
    EXPECT_FALSE(file->inputs.empty() || file->outputs.empty());
    ++models;
  }
  EXPECT_GT(models, 5);
}

TEST(OnnxFile, What_is_broken_is_malformed) {
  const std::string whole =
      model_of(field(11, value_info("x", kFloat, {1})) + field(12, value_info("y", kFloat, {1})));
  EXPECT_TRUE(read(whole));
  for (std::size_t length = whole.size() - 1; length > whole.size() - 30; --length) {
    EXPECT_FALSE(read(whole.substr(0, length))) << length;
  }
  std::string many;
  for (int i = 0; i < 1100; ++i) many += field(12, field(1, "y"));
  EXPECT_FALSE(read(model_of(many)));
}

TEST(OnnxFile, Says_what_a_file_is_that_is_none) {
  const auto because = [](const std::string& file) {
    return not_onnx_because(std::as_bytes(std::span(file))).value_or("");
  };
  EXPECT_EQ(because("").find("the file is empty"), 0U);
  EXPECT_EQ(because("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
                .find("the file is a placeholder of Git LFS"),
            0U);
  EXPECT_EQ(because("<!DOCTYPE html>").find("the file is a web page"), 0U);
  EXPECT_EQ(because("PK\x03\x04").find("the file is a ZIP archive or weights of PyTorch"), 0U);
  EXPECT_EQ(because("\x01HEF").find("the file is a HEF"), 0U);
  EXPECT_EQ(because(model_of("")), "");
}

}  // namespace
}  // namespace npu::onnx
