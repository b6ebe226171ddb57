// Which memory the driver has mapped for a connection, and what frames cost because of that.
//
// Thread safe. What is mapped ends with the connection.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "hailo/hailort.h"

namespace hailo_fake {

class DmaMappings {
 public:
  DmaMappings() = default;
  ~DmaMappings();
  DmaMappings(const DmaMappings&) = delete;
  DmaMappings& operator=(const DmaMappings&) = delete;

  // HAILO_INVALID_OPERATION for memory that is not there.
  hailo_status map(void* address, std::size_t size, hailo_dma_buffer_direction_t direction);
  hailo_status unmap(void* address, std::size_t size, hailo_dma_buffer_direction_t direction);
  // A frame goes from or to this memory. Ends the test if other memory has come to a mapped place:
  // the chip would go on with the old one.
  void transfer(std::span<const std::uint8_t> memory, bool to_chip);

 private:
  struct Mapping {
    const std::uint8_t* begin;
    std::size_t size;
    hailo_dma_buffer_direction_t direction;
    std::uint64_t file;  // behind it; 0 for none

    bool is(const void* address, std::size_t bytes, hailo_dma_buffer_direction_t way) const {
      return begin == address && size == bytes && direction == way;
    }
  };
  const Mapping* find(std::span<const std::uint8_t> memory, bool to_chip) const;

  std::mutex mutex_;
  std::vector<Mapping> mapped_;
};

}  // namespace hailo_fake
