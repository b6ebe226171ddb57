#include "worker/request_input.hpp"

#include <cstring>

#include <unistd.h>

#include <gtest/gtest.h>

#include "wire/tensor_json.hpp"

namespace npu::worker {
namespace {

namespace json = boost::json;

class RequestInputTest : public testing::Test {
 protected:
  RequestInputTest() {
    auto memory = SharedMemory::create(64).value();
    bytes_ = memory.bytes();
    EXPECT_TRUE(regions_.add(5, UniqueFd(::dup(memory.fd())), 64));
    memory_ = std::move(memory);
  }
  Result<TensorView> tensor(DType dtype, Shape shape, std::int64_t region, std::size_t offset) {
    return input_.tensor(wire::region_tensor(dtype, shape, region, offset));
  }

  SharedMemory memory_;
  std::span<std::byte> bytes_;
  RegionTable regions_;
  json::object fields_;
  RequestInput input_{fields_, regions_};
};

TEST_F(RequestInputTest, A_tensor_is_seen_where_it_lies) {
  bytes_[16] = std::byte{9};
  const auto view = tensor(DType::kFloat32, {2, 2}, 5, 16);
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->data[0], std::byte{9});
  bytes_[16] = std::byte{8};
  EXPECT_EQ(view->data[0], std::byte{8});
}

TEST_F(RequestInputTest, A_tensor_between_the_addresses_of_its_type_is_copied_to_one) {
  const float value = 1.5F;
  std::memcpy(bytes_.data() + 3, &value, sizeof value);
  const auto view = tensor(DType::kFloat32, {1}, 5, 3);
  ASSERT_TRUE(view);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view->data.data()) % alignof(float), 0U);
  EXPECT_EQ(*reinterpret_cast<const float*>(view->data.data()), 1.5F);
}

TEST_F(RequestInputTest, Memory_outside_the_region_is_never_touched) {
  EXPECT_TRUE(tensor(DType::kUint8, {64}, 5, 0));
  EXPECT_FALSE(tensor(DType::kUint8, {65}, 5, 0));
  EXPECT_FALSE(tensor(DType::kUint8, {1}, 5, 64));
  EXPECT_FALSE(tensor(DType::kUint8, {1}, 5, static_cast<std::size_t>(-1) / 2));
  EXPECT_FALSE(tensor(DType::kUint8, {1}, 6, 0));
  EXPECT_FALSE(input_.tensor(
      json::value{{"dtype", "uint8"}, {"shape", json::array{1}}, {"data_b64", "AA=="}}));
}

}  // namespace
}  // namespace npu::worker
