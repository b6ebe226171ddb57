// A bound on the memory that one call of a library may take.
//
// What is bounded is the private memory of the process (RLIMIT_DATA), so that regions which clients
// share with it do not count: the whole of what the library takes, on whatever thread, and not only
// what goes through its allocators. An allocation beyond the bound fails as if memory were short.
#pragma once

#include <cstdint>
#include <optional>

#include <sys/resource.h>

#include "base/own_memory.hpp"

namespace npu::device {

class MemoryLimit {
 public:
  static constexpr std::uint64_t kLeast = std::uint64_t{512} << 20;  // bytes
  static constexpr std::uint64_t kTimesFile = 16;

  // bytes: what one call may take; 0 takes it from the size of the model's file. All calls together
  // leave the process at most half of the machine's memory beyond what it has now.
  explicit MemoryLimit(std::uint64_t bytes);

  // What a call for a model with a file of so many bytes may take.
  std::uint64_t for_file(std::uint64_t file_bytes) const;

  // What all calls together may leave the process, if they have left so much that one which may
  // take so many bytes gets less, and less than half of that.
  std::optional<std::uint64_t> reached_by(std::uint64_t bytes) const;

  // While it lives the process can take so many bytes more than it has. One at a time.
  class Bound {
   public:
    Bound(const MemoryLimit& limit, std::uint64_t bytes);
    ~Bound();
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;

   private:
    std::optional<rlimit> before_;  // absent where nothing was changed
  };

 private:
  const OwnMemory own_;
  const std::uint64_t bytes_;
  const std::uint64_t most_;  // private bytes of the process
};

}  // namespace npu::device
