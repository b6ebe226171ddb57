#include "client/arena.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "client/allocate.hpp"

namespace npu::client {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(Arena, Freed_memory_is_used_again) {
  Arena arena(64 * kMiB);
  auto first = arena.allocate(100'000);
  ASSERT_NE(first, nullptr);
  const auto* bytes = first->bytes().data();
  first.reset();
  EXPECT_EQ(arena.allocate(100'000)->bytes().data(), bytes);
}

TEST(Arena, Blocks_do_not_overlap_and_are_aligned) {
  Arena arena(64 * kMiB);
  std::vector<std::shared_ptr<Block>> blocks;
  for (int i = 0; i < 200; ++i) {
    blocks.push_back(arena.allocate(1000 + static_cast<std::size_t>(i)));
    ASSERT_NE(blocks.back(), nullptr);
    EXPECT_EQ(blocks.back()->offset() % kBlockAlignment, 0U);
    std::memset(blocks.back()->bytes().data(), i, blocks.back()->size());
  }
  for (int i = 0; i < 200; ++i) {
    for (const std::byte byte : blocks[static_cast<std::size_t>(i)]->bytes()) {
      ASSERT_EQ(byte, static_cast<std::byte>(i));
    }
  }
}

TEST(Arena, Neighbouring_free_ranges_are_joined_in_every_order) {
  Arena arena(4 * kMiB);
  for (const auto& order : {std::array{0, 1, 2}, std::array{2, 1, 0}, std::array{0, 2, 1}}) {
    std::vector<std::shared_ptr<Block>> blocks;
    for (int i = 0; i < 3; ++i) blocks.push_back(arena.allocate(kMiB));
    auto rest = arena.allocate(kMiB);
    ASSERT_NE(rest, nullptr);
    for (const int i : order) blocks[static_cast<std::size_t>(i)].reset();
    EXPECT_NE(arena.allocate(3 * kMiB), nullptr);
  }
}

TEST(Arena, Never_holds_more_than_its_limit) {
  Arena arena(6 * kMiB);
  auto a = arena.allocate(4 * kMiB);
  EXPECT_NE(a, nullptr);
  auto b = arena.allocate(2 * kMiB);
  EXPECT_NE(b, nullptr);
  EXPECT_EQ(arena.allocate(1), nullptr);
  EXPECT_EQ(arena.allocate(7 * kMiB), nullptr);
  EXPECT_EQ(arena.allocate(std::size_t(-1)), nullptr);
}

TEST(Arena, A_retired_region_gives_no_more_blocks_but_keeps_those_in_use) {
  Arena arena(64 * kMiB);
  auto kept = arena.allocate(1000);
  const auto id = kept->region()->id();
  arena.retire(*kept->region());
  EXPECT_NE(arena.allocate(1000)->region()->id(), id);
  std::memset(kept->bytes().data(), 1, kept->size());
}

TEST(Arena, Blocks_outlive_it) {
  std::shared_ptr<Block> block;
  {
    Arena arena(64 * kMiB);
    block = arena.allocate(5000);
  }
  std::memset(block->bytes().data(), 7, block->size());
  EXPECT_EQ(block->bytes().back(), std::byte{7});
}

TEST(Arena, Blocks_may_be_freed_on_other_threads) {
  Arena arena(16 * kMiB);
  std::vector<std::jthread> threads;
  std::atomic<int> made = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        auto block = arena.allocate(10'000);
        if (block == nullptr) continue;
        ++made;
        std::jthread([dropped = std::move(block)]() mutable { dropped.reset(); }).join();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(made, 800);
  EXPECT_NE(arena.allocate(4 * kMiB), nullptr);
}

TEST(ReusedMemory, Serves_again_what_was_given_back_and_the_heap_serves_the_rest) {
  const auto memory = reused_memory();
  const std::byte* first = nullptr;
  for (int i = 0; i < 3; ++i) {
    const auto message = memory(2'000'000);
    ASSERT_EQ(message.bytes.size(), 2'000'000U);
    std::memset(message.bytes.data(), i, message.bytes.size());
    // A block of an arena; what glibc maps for so much begins 16 bytes behind a page.
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(message.bytes.data()) % kBlockAlignment, 0U);
    if (first == nullptr) first = message.bytes.data();
    EXPECT_EQ(message.bytes.data(), first);
  }
  std::vector<wire::Buffer> held;
  for (int i = 0; i < 6; ++i) held.push_back(memory(std::size_t{8} << 20));
  held.push_back(memory(3));
  held.push_back(memory(0));
  for (const auto& buffer : held) {
    if (!buffer.bytes.empty()) std::memset(buffer.bytes.data(), 1, buffer.bytes.size());
  }
  EXPECT_EQ(held.at(5).bytes.size(), std::size_t{8} << 20);
}

TEST(ReusedMemory, Outlives_who_asked_for_it) {
  std::optional<wire::BufferSource> memory = reused_memory();
  const auto message = (*memory)(100'000);
  memory.reset();
  std::memset(message.bytes.data(), 1, message.bytes.size());
}

}  // namespace
}  // namespace npu::client
