#include "tensor/heap_bytes.hpp"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

namespace npu {
namespace {

TEST(HeapBytes, They_never_begin_a_page) {
  std::deque<HeapBytes> kept;
  for (std::size_t i = 0; i < 20000; ++i) {
    const auto bytes = kept.emplace_back(i % 300).bytes();
    ASSERT_EQ(bytes.size(), i % 300);
    ASSERT_NE(reinterpret_cast<std::uintptr_t>(bytes.data()) % HeapBytes::kSmallestPage, 0U);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % HeapBytes::kAlignment, 0U);
  }
}

TEST(HeapBytes, They_are_zeros_and_stay_where_they_are_when_they_are_moved) {
  HeapBytes first(100);
  const auto bytes = first.bytes();
  EXPECT_TRUE(std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; }));
  HeapBytes second = std::move(first);
  EXPECT_EQ(second.bytes().data(), bytes.data());
  EXPECT_EQ(second.bytes().size(), 100U);
}

}  // namespace
}  // namespace npu
