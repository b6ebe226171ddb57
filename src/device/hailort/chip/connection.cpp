#include "device/hailort/chip/connection.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "device/hailort/status.hpp"

namespace npu::device::hailort {
namespace {

// Pinned pages are lost for everybody else: a client that never uses the same place twice does not
// get them all.
constexpr std::size_t kMostMappings = 256;

void* address_of(std::span<const std::byte> memory) {
  return const_cast<std::byte*>(memory.data());
}

}  // namespace

void Connection::map(std::span<const std::byte> memory, hailo_dma_buffer_direction_t direction) {
  const std::lock_guard lock(mutex_);
  const auto is_it = [&](const Mapping& one) {
    return one.memory.data() == memory.data() && one.memory.size() == memory.size() &&
           one.direction == direction;
  };
  if (mappings_.size() >= kMostMappings || std::ranges::any_of(mappings_, is_it)) return;
  const auto status = vdevice_->dma_map(address_of(memory), memory.size(), direction);
  if (status == HAILO_SUCCESS) {
    mappings_.push_back({memory, direction});
  } else {
    log::debug("mapping {} bytes for the device: {} ({})", memory.size(), status_name(status),
               static_cast<int>(status));
  }
}

void Connection::forget(std::span<const std::byte> memory) {
  const std::lock_guard lock(mutex_);
  std::erase_if(mappings_, [&](const Mapping& one) {
    const bool apart = one.memory.data() + one.memory.size() <= memory.data() ||
                       memory.data() + memory.size() <= one.memory.data();
    if (!apart) {
      (void)vdevice_->dma_unmap(address_of(one.memory), one.memory.size(), one.direction);
    }
    return !apart;
  });
}

}  // namespace npu::device::hailort
