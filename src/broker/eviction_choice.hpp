// Who has to go when memory is short: the seam for eviction policies.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "broker/model.hpp"

namespace npu::broker {

class EvictionChoice {
 public:
  virtual ~EvictionChoice() = default;
  // Chooses among `candidates`, the least recently used first, such that at least `bytes` come
  // free. Empty if all of them together are not enough; never empty otherwise, bytes >= 1.
  virtual std::vector<const Model*> choose(std::span<const Model* const> candidates,
                                           std::uint64_t bytes) const = 0;
};

// The least recently used model that is enough alone; if none is, the least recently used ones
// together; of those the more recently used stay if the others turn out to be enough.
class LeastRecentlyUsed final : public EvictionChoice {
 public:
  std::vector<const Model*> choose(std::span<const Model* const> candidates,
                                   std::uint64_t bytes) const override;
};

}  // namespace npu::broker
