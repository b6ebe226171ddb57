#include "onnx/external_data.hpp"

#include <filesystem>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "fakes/onnx_bytes.hpp"

namespace npu::onnx {
namespace {

using namespace fakes;

enum class Verdict { kPasses, kRefused, kBroken };
using enum Verdict;

Verdict verdict(const std::string& model) {
  const auto ok = refuse_external_data(std::as_bytes(std::span(model)), "m.onnx");
  if (ok) return kPasses;
  return ok.error().code == ErrorCode::kUnsupported ? kRefused : kBroken;
}

const std::string kPlainTensor = number(1, 4) + number(2, 2) + field(8, "w") + field(9, "abcd");
const std::string kLocation = field(13, field(1, "location") + field(2, "/etc/shadow"));
const std::string kElsewhere = number(14, 1);

// The content in fields in fields, the outermost first.
std::string nested(const std::vector<unsigned>& fields, std::string content) {
  for (auto one = fields.rbegin(); one != fields.rend(); ++one) content = field(*one, content);
  return content;
}

// From the model to a tensor.
const std::vector<std::vector<unsigned>> kPaths{
    {7, 5},                     // an initializer
    {7, 15, 1},                 // a sparse one: values
    {7, 15, 2},                 // and indices
    {7, 1, 5, 5},               // of a node's attribute
    {7, 1, 5, 10},              // a list of them
    {7, 1, 5, 22, 1},           // sparse
    {7, 1, 5, 23, 2},           // a list of sparse ones
    {7, 1, 5, 6, 5},            // of a graph in a node
    {7, 1, 5, 11, 1, 5, 6, 5},  // deeper
    {25, 7, 5, 5},              // of a function's node
    {25, 11, 5},                // of a function's default
    {20, 1, 5},                 // of training
    {20, 2, 1, 5, 5},
};

TEST(ExternalData, Is_found_wherever_a_tensor_can_be) {
  for (std::size_t i = 0; i < kPaths.size(); ++i) {
    EXPECT_EQ(verdict(nested(kPaths[i], kPlainTensor)), kPasses) << i;
    EXPECT_EQ(verdict(nested(kPaths[i], kPlainTensor + number(14, 0))), kPasses) << i;
    EXPECT_EQ(verdict(nested(kPaths[i], kPlainTensor + kLocation)), kRefused) << i;
    EXPECT_EQ(verdict(nested(kPaths[i], kElsewhere + kPlainTensor)), kRefused) << i;
  }
}

TEST(ExternalData, Is_found_in_each_occurrence_of_a_field) {
  const std::string plain = nested({7, 1, 5, 5}, kPlainTensor);
  EXPECT_EQ(verdict(plain + plain), kPasses);
  EXPECT_EQ(verdict(plain + nested({7, 1, 5, 5}, kLocation)), kRefused);
  EXPECT_EQ(verdict(nested({7, 1, 5}, field(5, kElsewhere) + field(5, number(14, 0)))), kRefused);
}

TEST(ExternalData, An_unusual_encoding_of_the_same_does_not_hide_it) {
  const std::string long_tag("\xEA\x80\x80\x80\x00", 5);  // field 13, bytes
  EXPECT_EQ(verdict(nested({7, 5}, long_tag + varint(2) + "ab")), kRefused);
  const std::string over_32_bits = varint(14 << 3) + varint((std::uint64_t{1} << 32) + 1);
  EXPECT_EQ(verdict(nested({7, 5}, over_32_bits)), kRefused);
}

TEST(ExternalData, Fields_of_the_same_number_elsewhere_mean_nothing) {
  EXPECT_EQ(verdict(nested({7, 13}, field(1, "x"))), kPasses);             // value_info
  EXPECT_EQ(verdict(nested({7, 1, 5, 13}, "text")), kPasses);              // doc_string
  EXPECT_EQ(verdict(nested({7, 5, 9}, kLocation + kElsewhere)), kPasses);  // bytes of weights
}

TEST(ExternalData, A_broken_encoding_is_malformed) {
  const std::string whole = nested({7, 1, 5, 5}, kPlainTensor);
  for (std::size_t length = 1; length < whole.size(); ++length) {
    EXPECT_EQ(verdict(whole.substr(0, length)), kBroken) << length;
  }
  EXPECT_EQ(verdict(varint(7 << 3 | 3) + varint(7 << 3 | 4)), kBroken);  // a group
  EXPECT_EQ(verdict(number(0, 1)), kBroken);
  EXPECT_EQ(verdict(varint(7 << 3 | 6)), kBroken);
  EXPECT_EQ(verdict(std::string(11, '\x80') + '\x01'), kBroken);
  EXPECT_EQ(verdict(varint(7 << 3 | 2) + varint(UINT64_MAX) + "ab"), kBroken);
}

TEST(ExternalData, What_is_nested_too_deep_is_malformed) {
  std::string graph = field(5, kPlainTensor);
  for (int i = 0; i < 30; ++i) graph = nested({1, 5, 6}, graph);
  EXPECT_EQ(verdict(field(7, graph)), kPasses);
  for (int i = 0; i < 100; ++i) graph = nested({1, 5, 6}, graph);
  EXPECT_EQ(verdict(field(7, graph)), kBroken);
}

TEST(ExternalData, Models_without_it_pass) {
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NPU_TEST_MODELS)) {
    if (entry.path().extension() != ".onnx") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    EXPECT_EQ(verdict({std::istreambuf_iterator<char>(file), {}}), kPasses) << entry.path();
    ++models;
  }
  EXPECT_GT(models, 5);
}

TEST(ExternalData, The_message_says_what_to_do) {
  const std::string model = nested({7, 5}, kLocation);
  EXPECT_EQ(refuse_external_data(std::as_bytes(std::span(model)), "m.onnx").error().message,
            "m.onnx keeps weights in another file (external data); save it as one file");
}

}  // namespace
}  // namespace npu::onnx
