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
#include "manager/memory/region.hpp"

namespace npu::manager {

class SlabPool {
 public:
  // keep_bytes, keep_slabs: how much is kept for use again when nobody uses it, in how many pieces.
  SlabPool(RegionRegistry& registry, const Clock& clock, std::size_t keep_bytes,
           std::size_t keep_slabs = 1024);

  // A slab of at least `bytes` bytes with unspecified content; letting go of it gives it back.
  // kUnavailable where the system has no more memory or descriptors. May outlive the pool.
  // hold: on whose behalf, let go of with the slab.
  Result<RegionPtr> take(std::size_t bytes, ClientQuota::Hold hold = {});

  // Frees slabs that nobody took for `age`.
  void trim(Duration age);

  std::size_t bytes_in_use() const;
  std::size_t bytes_kept() const;

 private:
  struct State;
  struct Lent;
  std::shared_ptr<State> state_;
};

}  // namespace npu::manager
