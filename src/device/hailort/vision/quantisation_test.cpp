#include "device/hailort/vision/quantisation.hpp"

#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

using testing::ElementsAre;
using testing::FloatEq;

Quantisations of_all(float scale, float zero_point) { return {.features = {{scale, zero_point}}}; }

template <class Q>
std::vector<float> floats(DType type, const std::vector<Q>& from, const Quantisations& how) {
  std::vector<float> to(from.size());
  dequantise(type, std::as_bytes(std::span(from)), how, std::as_writable_bytes(std::span(to)));
  return to;
}

template <class Q>
std::vector<Q> numbers(DType type, const std::vector<float>& from, const Quantisations& how) {
  std::vector<Q> to(from.size());
  quantise(type, std::as_bytes(std::span(from)), how, std::as_writable_bytes(std::span(to)));
  return to;
}

TEST(Quantisation, Eight_bits_become_the_numbers_that_they_stand_for) {
  EXPECT_THAT(floats<std::uint8_t>(DType::kUint8, {0, 128, 130, 255}, of_all(0.5F, 128)),
              ElementsAre(FloatEq(-64), FloatEq(0), FloatEq(1), FloatEq(63.5F)));
}

TEST(Quantisation, Sixteen_bits_become_the_numbers_that_they_stand_for) {
  EXPECT_THAT(floats<std::uint16_t>(DType::kUint16, {0, 256, 65535}, of_all(0.25F, 256)),
              ElementsAre(FloatEq(-64), FloatEq(0), FloatEq(16319.75F)));
}

TEST(Quantisation, The_other_way_rounds_and_stays_within_the_type) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinite = std::numeric_limits<float>::infinity();
  EXPECT_THAT(numbers<std::uint8_t>(DType::kUint8, {-64, 0, 0.9F, 1000, -1000, nan, infinite},
                                    of_all(0.5F, 128)),
              ElementsAre(0, 128, 130, 255, 0, 128, 255));
  EXPECT_THAT(numbers<std::uint16_t>(DType::kUint16, {1e9F, 3}, of_all(1, 0)),
              ElementsAre(65535, 3));
}

TEST(Quantisation, There_and_back_is_the_same_for_every_number) {
  std::vector<std::uint8_t> all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  const Quantisations how = of_all(0.0173F, 91);
  EXPECT_EQ(numbers<std::uint8_t>(DType::kUint8, floats(DType::kUint8, all, how), how), all);
}

const std::vector<Quantisation> kOfFeatures{{1, 0}, {0.5F, 10}, {2, 1}};

TEST(Quantisation, Each_feature_has_its_own_where_features_come_last) {
  EXPECT_THAT(floats<std::uint8_t>(DType::kUint8, {12, 12, 12, 20, 20, 20, 3}, {kOfFeatures}),
              ElementsAre(12, 1, 22, 20, 5, 38, 3));
  EXPECT_THAT(numbers<std::uint16_t>(DType::kUint16, {12, 1, 22, 20, 5, 38}, {kOfFeatures}),
              ElementsAre(12, 12, 12, 20, 20, 20));
}

TEST(Quantisation, Each_feature_has_its_own_where_it_has_a_row_or_a_plane) {
  const Quantisations rows{kOfFeatures, 2};
  EXPECT_THAT(floats<std::uint16_t>(DType::kUint16, {12, 20, 12, 20, 12, 20, 12, 20, 12, 20}, rows),
              ElementsAre(12, 20, 1, 5, 22, 38, 12, 20, 1, 5));
  EXPECT_THAT(numbers<std::uint8_t>(DType::kUint8, {12, 20, 1, 5, 22, 38, 12}, rows),
              ElementsAre(12, 20, 12, 20, 12, 20, 12));
}

TEST(Quantisation, Memory_at_any_address_will_do) {
  std::vector<std::byte> from(7, std::byte{2});
  std::vector<std::byte> to(2 * sizeof(float) + 1);
  dequantise(DType::kUint16, std::span(from).subspan(1, 4), of_all(1, 0), std::span(to).subspan(1));
  float second = 0;
  std::memcpy(&second, to.data() + 1 + sizeof(float), sizeof(second));
  EXPECT_FLOAT_EQ(second, 514);
}

}  // namespace
}  // namespace npu::device::hailort
