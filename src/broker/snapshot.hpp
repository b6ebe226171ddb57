// What can be seen of the broker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/capacity_event.hpp"
#include "broker/quarantine.hpp"
#include "broker/types.hpp"

namespace npu::broker {

struct ModelStatus {
  ModelSpec model;
  WallTime loaded_at{};
  WallTime last_used{};
  std::uint64_t memory_bytes = 0;
  bool pinned = false;
  bool busy = false;
  std::optional<WallTime> expires;
};

inline constexpr std::size_t kMaxRefusedTold = 16;

struct Snapshot {
  std::vector<ModelStatus> models;  // resident, in the order of loading
  std::size_t queued = 0;           // waiting, not yet handed to a lane
  std::size_t running = 0;          // handed to a lane
  std::uint64_t evictions = 0;
  std::uint64_t retries = 0;
  std::uint64_t lane_restarts = 0;
  std::optional<CapacityEvent> last_capacity_event;
  std::vector<RefusedModel> refused;         // the first kMaxRefusedTold of them
  std::optional<std::string> broken_reason;  // what is wrong with a lane, while that lasts
};

}  // namespace npu::broker
