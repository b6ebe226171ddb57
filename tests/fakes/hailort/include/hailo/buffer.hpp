// Owned bytes and views of bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hailo/expected.hpp"

namespace hailort {

class MemoryView;
class Buffer;
using BufferPtr = std::shared_ptr<Buffer>;

struct HAILORTAPI BufferStorageParams {
  // Page-aligned, as DMA wants it.
  static BufferStorageParams create_dma();

  bool dma = false;
};

class HAILORTAPI Buffer final {
 public:
  Buffer();
  ~Buffer();
  Buffer(const Buffer& other) = delete;
  Buffer& operator=(const Buffer& other) = delete;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;

  static Expected<Buffer> create(size_t size, const BufferStorageParams& params = {});
  static Expected<Buffer> create(const uint8_t* src, size_t size,
                                 const BufferStorageParams& params = {});
  static Expected<BufferPtr> create_shared(size_t size, const BufferStorageParams& params = {});
  static Expected<BufferPtr> create_shared(const uint8_t* src, size_t size,
                                           const BufferStorageParams& params = {});

  uint8_t* data() noexcept;
  const uint8_t* data() const noexcept;
  size_t size() const noexcept;
  std::string to_string() const;

 private:
  struct Free {
    void operator()(uint8_t* data) const;
  };
  std::unique_ptr<uint8_t, Free> m_data;
  size_t m_size = 0;
};

class HAILORTAPI MemoryView final {
 public:
  MemoryView() noexcept;
  explicit MemoryView(Buffer& buffer) noexcept;
  explicit MemoryView(BufferPtr buffer) noexcept;
  MemoryView(void* data, size_t size) noexcept;
  MemoryView(const std::string& data) noexcept;
  ~MemoryView() = default;
  MemoryView& operator=(MemoryView&& other) noexcept = default;
  MemoryView(const MemoryView&) noexcept = default;
  MemoryView& operator=(const MemoryView&) noexcept = default;
  MemoryView(MemoryView&&) noexcept = default;

  static const MemoryView create_const(const void* data, size_t size) noexcept;

  uint8_t* data() noexcept;
  const uint8_t* data() const noexcept;
  size_t size() const noexcept;
  bool empty() const noexcept;

 private:
  void* m_data;
  size_t m_size;
};

}  // namespace hailort
