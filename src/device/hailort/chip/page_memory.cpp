#include "device/hailort/chip/page_memory.hpp"

#include <cstdint>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

namespace npu::device::hailort {
namespace {

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

Result<PageBuffer> PageBuffer::create(std::size_t bytes) {
  PageBuffer buffer;
  if (bytes == 0) return buffer;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return fail(ErrorCode::kDoesNotFit,
                fmt::format("the machine has no {} bytes for the model's buffers", bytes));
  }
  buffer.data_ = static_cast<std::byte*>(memory);
  buffer.size_ = bytes;
  return buffer;
}

PageBuffer::PageBuffer(PageBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

PageBuffer& PageBuffer::operator=(PageBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

PageBuffer::~PageBuffer() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

std::size_t in_pages(std::size_t bytes) {
  return (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

bool begins_page(std::span<const std::byte> memory) {
  return reinterpret_cast<std::uintptr_t>(memory.data()) % page_bytes() == 0;
}

bool fills_pages(std::span<const std::byte> memory) {
  return begins_page(memory) && memory.size() % page_bytes() == 0;
}

}  // namespace npu::device::hailort
