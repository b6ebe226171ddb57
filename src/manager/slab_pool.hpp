// Reusable shared memory for tensors that come or go without a region of the client's.
//
// Event loop's thread only. A slab keeps its number and its mapping in the workers when it is used
// again, so a busy pool costs no system calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "manager/region.hpp"

namespace npu::manager {

class SlabPool {
 public:
  // keep_bytes: how much is kept for use again when nobody uses it.
  SlabPool(RegionRegistry& registry, const Clock& clock, std::size_t keep_bytes);

  // A slab of at least `bytes` bytes with unspecified content; letting go of it gives it back.
  // kUnavailable where the system has no more memory or descriptors. May outlive the pool.
  Result<RegionPtr> take(std::size_t bytes);

  // Frees slabs that nobody took for `age`.
  void trim(Duration age);

  std::size_t bytes_in_use() const;
  std::size_t bytes_kept() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace npu::manager
