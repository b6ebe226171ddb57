#include "device/sim/fill.hpp"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "fakes/fake_device.hpp"

namespace npu::device::sim {
namespace {

using fakes::elements_of;

template <class T>
std::vector<T> filled(const Fill& how, DType dtype, std::uint64_t sum, std::size_t index) {
  std::vector<T> values(4);
  fill(how, sum, index, {dtype, {4}, std::as_writable_bytes(std::span(values))});
  return values;
}

TEST(Fnv, Is_the_published_function) {
  EXPECT_EQ(fnv1a({}, kFnvBasis), 0xcbf29ce484222325U);
  const std::string text = "foobar";
  EXPECT_EQ(fnv1a(std::as_bytes(std::span(text)), kFnvBasis), 0x85944171f73967e8U);
}

TEST(Checksum, Tells_models_inputs_and_their_order_apart) {
  const auto a = fakes::make_tensor<std::uint8_t>(DType::kUint8, {3}, {1, 2, 3});
  const auto b = fakes::make_tensor<std::uint8_t>(DType::kUint8, {3}, {1, 2, 4});
  const std::vector<TensorView> ab{a.view(), b.view()};
  const std::vector<TensorView> ba{b.view(), a.view()};
  EXPECT_EQ(checksum("m", ab), checksum("m", ab));
  EXPECT_NE(checksum("m", ab), checksum("m", ba));
  EXPECT_NE(checksum("m", ab), checksum("n", ab));
}

TEST(Checksum, Samples_a_large_input_from_its_first_byte_to_its_last) {
  std::vector<std::uint8_t> bytes(100003);
  const auto sum = [&] {
    const auto tensor = fakes::make_tensor(DType::kUint8, {100003}, bytes);
    const TensorView view = tensor.view();
    return checksum("m", std::span(&view, 1));
  };
  const auto zeros = sum();
  bytes.back() = 1;
  EXPECT_NE(sum(), zeros);
  bytes.back() = 0;
  bytes.front() = 1;
  EXPECT_NE(sum(), zeros);
  bytes.front() = 0;
  bytes[1 * (100003 - 8) / 63] = 1;
  EXPECT_NE(sum(), zeros);
}

TEST(Fill, Checksum_gives_the_documented_values) {
  EXPECT_EQ(filled<float>({}, DType::kFloat32, 5123, 0), std::vector<float>(4, 0.123F));
  EXPECT_EQ(filled<float>({}, DType::kFloat32, 5123, 1), std::vector<float>(4, 0.1F));
  EXPECT_EQ(filled<std::uint8_t>({}, DType::kUint8, 5123, 0), std::vector<std::uint8_t>(4, 123));
  EXPECT_EQ(filled<std::uint8_t>({}, DType::kUint8, 5130, 0), std::vector<std::uint8_t>(4, 3));
}

TEST(Fill, A_constant_is_kept_within_the_type) {
  const Fill kMany{Fill::Mode::kConstant, 300};
  EXPECT_EQ(filled<float>(kMany, DType::kFloat32, 1, 0), std::vector<float>(4, 300));
  EXPECT_EQ(filled<std::uint8_t>(kMany, DType::kUint8, 1, 0), std::vector<std::uint8_t>(4, 255));
  EXPECT_EQ(filled<std::int64_t>(kMany, DType::kInt64, 1, 0), std::vector<std::int64_t>(4, 300));
  EXPECT_EQ(filled<float>({Fill::Mode::kConstant, 0}, DType::kFloat32, 1, 0),
            std::vector<float>(4, 0));
}

TEST(Fill, Noise_repeats_itself_and_depends_on_the_input) {
  const Fill kNoise{Fill::Mode::kNoise, 0};
  const auto once = filled<float>(kNoise, DType::kFloat32, 9, 0);
  EXPECT_EQ(once, filled<float>(kNoise, DType::kFloat32, 9, 0));
  EXPECT_NE(once, filled<float>(kNoise, DType::kFloat32, 10, 0));
  EXPECT_NE(once[0], once[1]);
  for (const float value : once) {
    EXPECT_GE(value, -1);
    EXPECT_LT(value, 1);
  }
}

TEST(Spoil, Gives_nan_or_zeros) {
  std::vector<float> values(3, 1);
  const MutableTensorView view{DType::kFloat32, {3}, std::as_writable_bytes(std::span(values))};
  spoil(WrongValue::kNan, view);
  for (const float value : values) EXPECT_TRUE(std::isnan(value));
  spoil(WrongValue::kZero, view);
  EXPECT_EQ(values, std::vector<float>(3, 0));
}

}  // namespace
}  // namespace npu::device::sim
