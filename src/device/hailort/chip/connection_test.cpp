#include "device/hailort/chip/connection.hpp"

#include <gtest/gtest.h>

#include "device/hailort/chip/page_memory.hpp"
#include "device/hailort/test/adapter_test_support.hpp"

namespace npu::device::hailort {
namespace {

constexpr auto kIn = HAILO_DMA_BUFFER_DIRECTION_H2D;
constexpr auto kOut = HAILO_DMA_BUFFER_DIRECTION_D2H;
constexpr std::size_t kPage = 4096;

class ConnectionTest : public AdapterTest {
 protected:
  void SetUp() override {
    auto vdevice = sdk::VDevice::create_shared();
    ASSERT_TRUE(vdevice.has_value());
    connection_ = std::make_unique<Connection>(vdevice.release());
    memory_ = PageBuffer::create(8 * kPage).value();
  }
  std::span<std::byte> pages(std::size_t first, std::size_t count) const {
    return memory_.bytes().subspan(first * kPage, count * kPage);
  }
  // Asks the library, which refuses a second mapping of the same.
  bool is_mapped(std::span<std::byte> memory, hailo_dma_buffer_direction_t direction) {
    auto& vdevice = connection_->vdevice();
    const auto status = vdevice.dma_map(memory.data(), memory.size(), direction);
    if (status == HAILO_SUCCESS) vdevice.dma_unmap(memory.data(), memory.size(), direction);
    return status == HAILO_DMA_MAPPING_ALREADY_EXISTS;
  }

  std::unique_ptr<Connection> connection_;
  PageBuffer memory_;
};

TEST_F(ConnectionTest, Maps_memory_once_for_each_direction) {
  connection_->map(pages(0, 2), kIn);
  connection_->map(pages(0, 2), kIn);
  EXPECT_TRUE(is_mapped(pages(0, 2), kIn));
  EXPECT_FALSE(is_mapped(pages(0, 2), kOut));
  connection_->map(pages(0, 2), kOut);
  EXPECT_TRUE(is_mapped(pages(0, 2), kOut));
}

TEST_F(ConnectionTest, Forgets_what_lies_in_memory_that_goes_and_nothing_else) {
  connection_->map(pages(0, 1), kIn);
  connection_->map(pages(1, 2), kOut);
  connection_->map(pages(3, 1), kIn);
  connection_->forget(pages(1, 2));
  EXPECT_TRUE(is_mapped(pages(0, 1), kIn));
  EXPECT_FALSE(is_mapped(pages(1, 2), kOut));
  EXPECT_TRUE(is_mapped(pages(3, 1), kIn));
  connection_->forget(pages(0, 8));
  EXPECT_FALSE(is_mapped(pages(0, 1), kIn));
  connection_->map(pages(0, 1), kIn);
  EXPECT_TRUE(is_mapped(pages(0, 1), kIn));
}

TEST_F(ConnectionTest, A_client_that_never_uses_the_same_place_twice_does_not_pin_everything) {
  for (std::size_t bytes = 1; bytes <= 1000; ++bytes) {
    connection_->map(memory_.bytes().first(bytes), kIn);
  }
  EXPECT_TRUE(is_mapped(memory_.bytes().first(1), kIn));
  EXPECT_FALSE(is_mapped(memory_.bytes().first(1000), kIn));
}

}  // namespace
}  // namespace npu::device::hailort
