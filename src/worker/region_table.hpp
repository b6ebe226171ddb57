// The shared memory that the manager told this worker of, by number.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include <npu/result.hpp>

#include "tensor/shared_memory.hpp"

namespace npu::worker {

class RegionTable {
 public:
  // Maps the region; takes the descriptor. One that cannot be mapped is in the table as failed(),
  // which costs only those who name it. kMalformed: there is a mapped one of that number.
  Status add(std::uint64_t number, UniqueFd fd, std::size_t bytes);
  void drop(std::uint64_t number) { regions_.erase(number); }
  // Why the region could not be mapped.
  std::optional<Error> failed(std::uint64_t number) const;
  // All of the region; empty where there is none, or none that could be mapped.
  std::span<const std::byte> whole(std::uint64_t number) const;
  // [offset, offset + bytes) of the region. kInternal where that does not exist: the manager
  // checks what clients name. failed() where it could not be mapped.
  Result<std::span<std::byte>> bytes(std::uint64_t number, std::size_t offset,
                                     std::size_t bytes) const;

 private:
  std::unordered_map<std::uint64_t, Result<SharedMemory>> regions_;
};

}  // namespace npu::worker
