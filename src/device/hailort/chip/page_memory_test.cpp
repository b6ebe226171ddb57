#include "device/hailort/chip/page_memory.hpp"

#include <utility>

#include <unistd.h>

#include <gtest/gtest.h>

namespace npu::device::hailort {
namespace {

const auto kPage = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

TEST(PageMemory, A_buffer_begins_a_page_is_zero_and_moves) {
  auto buffer = PageBuffer::create(kPage + 1);
  ASSERT_TRUE(buffer);
  const PageBuffer moved = std::move(*buffer);
  EXPECT_TRUE(buffer->bytes().empty());
  EXPECT_EQ(moved.bytes().size(), kPage + 1);
  EXPECT_TRUE(begins_page(moved.bytes()));
  EXPECT_EQ(moved.bytes().back(), std::byte{0});
}

TEST(PageMemory, The_device_reads_from_pages_and_writes_whole_ones) {
  const auto buffer = PageBuffer::create(4 * kPage);
  ASSERT_TRUE(buffer);
  const auto bytes = buffer->bytes();
  EXPECT_TRUE(begins_page(bytes.subspan(kPage, 10)));
  EXPECT_FALSE(begins_page(bytes.subspan(64, kPage)));
  EXPECT_TRUE(fills_pages(bytes.subspan(kPage, 2 * kPage)));
  EXPECT_FALSE(fills_pages(bytes.subspan(kPage, kPage + 64)));
  EXPECT_FALSE(fills_pages(bytes.subspan(64, kPage)));
}

TEST(PageMemory, Bytes_are_rounded_up_to_pages) {
  EXPECT_EQ(in_pages(0), 0U);
  EXPECT_EQ(in_pages(1), kPage);
  EXPECT_EQ(in_pages(kPage), kPage);
  EXPECT_EQ(in_pages(kPage + 1), 2 * kPage);
}

TEST(PageMemory, Memory_that_the_machine_does_not_have_is_an_error) {
  const auto buffer = PageBuffer::create(std::size_t{1} << 62);
  ASSERT_FALSE(buffer);
  EXPECT_EQ(buffer.error().code, ErrorCode::kDoesNotFit);
}

}  // namespace
}  // namespace npu::device::hailort
