// One connection to the chip for tensor models, and the memory that was mapped for it.
//
// The driver finds a mapping by exactly the address, the length and the direction of a transfer;
// for other memory it makes one each time.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "device/hailort/sdk.hpp"

namespace npu::device::hailort {

class Connection {
 public:
  explicit Connection(std::shared_ptr<sdk::VDevice> vdevice) : vdevice_(std::move(vdevice)) {}
  // What is still mapped goes with the connection.
  ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sdk::VDevice& vdevice() { return *vdevice_; }

  // Maps this memory, which begins a page, if it is not mapped yet. Where that fails transfers only
  // take longer. The memory has to stay until forget().
  void map(std::span<const std::byte> memory, hailo_dma_buffer_direction_t direction);
  // Ends the mappings of what lies in this memory.
  void forget(std::span<const std::byte> memory);

 private:
  struct Mapping {
    std::span<const std::byte> memory;
    hailo_dma_buffer_direction_t direction;
  };

  const std::shared_ptr<sdk::VDevice> vdevice_;
  std::mutex mutex_;
  std::vector<Mapping> mappings_;
};

}  // namespace npu::device::hailort
