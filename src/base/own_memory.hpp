// What this process has of memory, as the kernel counts it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/unique_fd.hpp"

namespace npu {

class OwnMemory {
 public:
  // Opens /proc/self/statm once, for a process that may open nothing later on.
  OwnMemory();

  // In pages that are in RAM, of files and shared memory too.
  std::optional<std::uint64_t> resident_bytes() const { return field(1); }
  // Writable and its own, in RAM or not: what RLIMIT_DATA counts.
  std::optional<std::uint64_t> private_bytes() const { return field(5); }

 private:
  std::optional<std::uint64_t> field(int number) const;

  UniqueFd statm_;
};

// Half of what the machine has.
std::uint64_t half_of_memory();

}  // namespace npu
