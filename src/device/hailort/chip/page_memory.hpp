// Memory in whole pages, as DMA needs it: other memory the library copies once more.
#pragma once

#include <cstddef>
#include <span>

#include <npu/result.hpp>

namespace npu::device::hailort {

// Pages of its own, zero at first. Move-only.
class PageBuffer {
 public:
  PageBuffer() = default;
  // kDoesNotFit where the machine has no memory.
  static Result<PageBuffer> create(std::size_t bytes);
  PageBuffer(PageBuffer&& other) noexcept;
  PageBuffer& operator=(PageBuffer&& other) noexcept;
  ~PageBuffer();

  // As many bytes as asked for; the rest of the last page is nobody's.
  std::span<std::byte> bytes() const { return {data_, size_}; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// This many bytes and the rest of their last page.
std::size_t in_pages(std::size_t bytes);
// Whether the device can read from here without a copy: the first byte begins a page.
bool begins_page(std::span<const std::byte> memory);
// Whether it can write here: nothing of another owner lies in the same pages.
bool fills_pages(std::span<const std::byte> memory);

}  // namespace npu::device::hailort
