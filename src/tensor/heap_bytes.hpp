// Heap memory for tensors, which a device never keeps mapped.
//
// A device may map memory that begins a page once and for all, until it is told to forget it
// (device.hpp); regions are of that kind. Heap memory comes and goes without a word, and so must
// never begin a page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace npu {

class HeapBytes {
 public:
  static constexpr std::size_t kSmallestPage = 4096;
  static constexpr std::size_t kAlignment = 16;

  HeapBytes() = default;
  // Zeros.
  explicit HeapBytes(std::size_t bytes) : memory_(bytes + kAlignment), bytes_(bytes) {
    if (reinterpret_cast<std::uintptr_t>(memory_.data()) % kSmallestPage == 0) begin_ = kAlignment;
  }

  std::span<std::byte> bytes() { return std::span(memory_).subspan(begin_, bytes_); }

 private:
  std::vector<std::byte> memory_;
  std::size_t begin_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace npu
