#include "worker/output_area.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace npu::worker {
namespace {

namespace json = boost::json;

class OutputAreaTest : public testing::Test {
 protected:
  OutputArea area(std::size_t offset, std::size_t size, bool strict = false) {
    return OutputArea(
        OutputArea::Output{7, offset, std::span(region_).subspan(offset, size), strict});
  }
  alignas(64) std::array<std::byte, 1024> region_{};
};

void write(const families::InferOutput::Place& place, int value) {
  std::memset(place.view.data.data(), value, place.view.data.size());
}

TEST_F(OutputAreaTest, Tensors_are_packed_at_multiples_of_64) {
  OutputArea output = area(128, 512);
  const auto a = output.allocate(DType::kUint8, {10});
  const auto b = output.allocate(DType::kFloat32, {2, 4});
  ASSERT_TRUE(a && b);
  EXPECT_EQ(json::serialize(a->tensor),
            R"({"dtype":"uint8","shape":[10],"region":7,"offset":128})");
  EXPECT_EQ(json::serialize(b->tensor),
            R"({"dtype":"float32","shape":[2,4],"region":7,"offset":192})");
  EXPECT_EQ(b->view.data.data(), region_.data() + 192);
  json::value result = json::array{a->tensor, b->tensor};
  const auto finished = output.finish(result);
  ASSERT_TRUE(finished);
  EXPECT_FALSE(finished->region);
  EXPECT_EQ(finished->bytes, 64U + 32U);
}

TEST_F(OutputAreaTest, An_output_at_an_odd_offset_begins_at_the_next_multiple) {
  OutputArea output = area(100, 100);
  const auto a = output.allocate(DType::kUint8, {72});
  ASSERT_TRUE(a);
  EXPECT_EQ(a->tensor.at("offset").to_number<int>(), 128);
  json::value result = a->tensor;
  EXPECT_EQ(output.finish(result)->bytes, 100U);
}

TEST_F(OutputAreaTest, A_strict_output_refuses_what_does_not_fit) {
  OutputArea output = area(0, 100, true);
  ASSERT_TRUE(output.allocate(DType::kUint8, {64}));
  const auto more = output.allocate(DType::kUint8, {37});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(more.error().message, "output has 100 bytes, the result needs at least 101");
}

TEST_F(OutputAreaTest, Without_an_output_the_result_has_a_region_of_its_own_size) {
  OutputArea output(std::nullopt);
  const auto a = output.allocate(DType::kUint8, {65});
  const auto b = output.allocate(DType::kUint8, {3});
  ASSERT_TRUE(a && b);
  write(*a, 1);
  write(*b, 2);
  json::value result = json::array{a->tensor, b->tensor};
  const auto finished = output.finish(result);
  ASSERT_TRUE(finished && finished->region);
  EXPECT_EQ(finished->region->size(), 131U);
  EXPECT_EQ(finished->bytes, 131U);
  EXPECT_EQ(result.at(0).at("region").to_number<int>(), 0);
  EXPECT_EQ(result.at(1).at("offset").to_number<int>(), 128);
  EXPECT_EQ(finished->region->bytes()[64], std::byte{1});
  EXPECT_EQ(finished->region->bytes()[128], std::byte{2});
}

TEST_F(OutputAreaTest, A_result_that_only_partly_fits_moves_as_a_whole) {
  OutputArea output = area(64, 128);
  const auto a = output.allocate(DType::kUint8, {16});
  const auto big = output.allocate(DType::kUint8, {200});
  const auto c = output.allocate(DType::kUint8, {16});  // would fit again
  ASSERT_TRUE(a && big && c);
  write(*a, 1);
  write(*big, 2);
  write(*c, 3);
  json::value result = json::object{{"x", a->tensor}, {"y", {big->tensor, c->tensor}}};
  const auto finished = output.finish(result);
  ASSERT_TRUE(finished && finished->region);
  const auto value_at = [&](const json::value& tensor) {
    EXPECT_EQ(tensor.at("region").to_number<int>(), 0);
    return std::to_integer<int>(
        finished->region->bytes()[tensor.at("offset").to_number<std::size_t>()]);
  };
  EXPECT_EQ(value_at(result.at("x")), 1);
  EXPECT_EQ(value_at(result.at("y").at(0)), 2);
  EXPECT_EQ(value_at(result.at("y").at(1)), 3);
}

TEST_F(OutputAreaTest, A_model_with_absurd_outputs_takes_no_memory) {
  OutputArea output(std::nullopt);
  ASSERT_TRUE(output.allocate(DType::kUint8, {100}));
  const auto absurd = output.allocate(DType::kUint8, {kMaxResultBytes - 64});
  ASSERT_FALSE(absurd);
  EXPECT_EQ(absurd.error().code, ErrorCode::kTooLarge);
}

TEST_F(OutputAreaTest, A_tensor_without_elements_is_a_result_too) {
  OutputArea output(std::nullopt);
  const auto none = output.allocate(DType::kFloat32, {0, 4});
  ASSERT_TRUE(none);
  json::value result = none->tensor;
  ASSERT_TRUE(output.finish(result));
}

}  // namespace
}  // namespace npu::worker
