#include <npu/tensor.hpp>

#include <limits>

#include <gtest/gtest.h>

namespace npu {
namespace {

TEST(Tensor, Names_are_numpys_and_come_back) {
  for (int i = 0; i <= static_cast<int>(DType::kBool); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_name(name_of(dtype)), dtype);
  }
  EXPECT_EQ(dtype_from_name("float"), std::nullopt);
  EXPECT_EQ(dtype_from_name(""), std::nullopt);
}

TEST(Tensor, Sizes) {
  EXPECT_EQ(byte_size(DType::kFloat32, {256, 320, 1}).value(), 327680U);
  EXPECT_EQ(byte_size(DType::kFloat64, {}).value(), 8U);
  EXPECT_EQ(byte_size(DType::kInt16, {5, 0, 7}).value(), 0U);
}

TEST(Tensor, Shapes_that_overflow_or_are_negative_are_refused) {
  constexpr auto kHuge = std::numeric_limits<std::int64_t>::max();
  EXPECT_FALSE(byte_size(DType::kUint8, {kHuge, 2}));
  EXPECT_FALSE(byte_size(DType::kUint8, {1LL << 32, 1LL << 32}));
  EXPECT_FALSE(byte_size(DType::kFloat32, {kHuge}));
  EXPECT_FALSE(byte_size(DType::kUint8, {-1}));
  EXPECT_FALSE(byte_size(DType::kUint8, {-1, -1}));
  EXPECT_FALSE(byte_size(DType::kUint8, {0, -1}));
  EXPECT_FALSE(byte_size(DType::kUint8, Shape(kMaxRank + 1, 1)));
  EXPECT_EQ(byte_size(DType::kUint8, {kHuge, 0}).value(), 0U);
}

TEST(Tensor, Shapes_print_as_numpy_prints_them) {
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{3}), "(3,)");
  EXPECT_EQ(to_string(Shape{1, 2}), "(1, 2)");
}

}  // namespace
}  // namespace npu
