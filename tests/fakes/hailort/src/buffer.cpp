#include "hailo/buffer.hpp"

#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace hailort {

BufferStorageParams BufferStorageParams::create_dma() { return {.dma = true}; }

void Buffer::Free::operator()(uint8_t* data) const { std::free(data); }

Buffer::Buffer() = default;
Buffer::~Buffer() = default;
Buffer::Buffer(Buffer&& other) noexcept
    : m_data(std::move(other.m_data)), m_size(std::exchange(other.m_size, 0)) {}
Buffer& Buffer::operator=(Buffer&& other) noexcept {
  m_data = std::move(other.m_data);
  m_size = std::exchange(other.m_size, 0);
  return *this;
}

Expected<Buffer> Buffer::create(size_t size, const BufferStorageParams& params) {
  if (size == 0) return make_unexpected(HAILO_INVALID_ARGUMENT);
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  Buffer buffer;
  buffer.m_data.reset(static_cast<uint8_t*>(
      params.dma ? std::aligned_alloc(page, (size + page - 1) / page * page) : std::malloc(size)));
  if (!buffer.m_data) return make_unexpected(HAILO_OUT_OF_HOST_MEMORY);
  buffer.m_size = size;
  return buffer;
}

Expected<Buffer> Buffer::create(const uint8_t* src, size_t size,
                                const BufferStorageParams& params) {
  auto buffer = create(size, params);
  if (buffer) std::memcpy(buffer->data(), src, size);
  return buffer;
}

Expected<BufferPtr> Buffer::create_shared(size_t size, const BufferStorageParams& params) {
  auto buffer = create(size, params);
  if (!buffer) return make_unexpected(buffer.status());
  return std::make_shared<Buffer>(buffer.release());
}

Expected<BufferPtr> Buffer::create_shared(const uint8_t* src, size_t size,
                                          const BufferStorageParams& params) {
  auto buffer = create(src, size, params);
  if (!buffer) return make_unexpected(buffer.status());
  return std::make_shared<Buffer>(buffer.release());
}

uint8_t* Buffer::data() noexcept { return m_data.get(); }
const uint8_t* Buffer::data() const noexcept { return m_data.get(); }
size_t Buffer::size() const noexcept { return m_size; }
std::string Buffer::to_string() const {
  return {reinterpret_cast<const char*>(m_data.get()), m_size};
}

MemoryView::MemoryView() noexcept : m_data(nullptr), m_size(0) {}
MemoryView::MemoryView(Buffer& buffer) noexcept : m_data(buffer.data()), m_size(buffer.size()) {}
MemoryView::MemoryView(BufferPtr buffer) noexcept
    : m_data(buffer != nullptr ? buffer->data() : nullptr),
      m_size(buffer != nullptr ? buffer->size() : 0) {}
MemoryView::MemoryView(void* data, size_t size) noexcept : m_data(data), m_size(size) {}
MemoryView::MemoryView(const std::string& data) noexcept
    : m_data(const_cast<char*>(data.data())), m_size(data.size()) {}

const MemoryView MemoryView::create_const(const void* data, size_t size) noexcept {
  return {const_cast<void*>(data), size};
}

uint8_t* MemoryView::data() noexcept { return static_cast<uint8_t*>(m_data); }
const uint8_t* MemoryView::data() const noexcept { return static_cast<const uint8_t*>(m_data); }
size_t MemoryView::size() const noexcept { return m_size; }
bool MemoryView::empty() const noexcept { return m_size == 0; }

}  // namespace hailort
