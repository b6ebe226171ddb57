// What lies in the file that processes share, beside what npu::device::sim::ChipState keeps there.
#pragma once

#include <atomic>
#include <cstdint>

#include "device/sim/chip_state.hpp"

namespace hailo_fake {

constexpr std::size_t kProcesses = npu::device::sim::ChipState::kSlots;

// All zero is a chip that nobody uses. Times are nanoseconds of the steady clock, which is the same
// in every process.
struct ChipArea {
  struct Resident {
    std::uint64_t hash;
    std::uint64_t bytes;
    std::uint32_t core_ops;
    std::uint32_t priority;
  };
  // Somebody who runs things on the neural network core.
  struct Runner {
    std::uint32_t owner;  // process slot + 1; 0: free
    std::uint32_t priority;
    std::uint64_t ticket;  // 0: has nothing to run; else the smaller comes first
    std::uint64_t since;
  };

  std::atomic<std::uint32_t> bell;      // changes with everything that somebody may wait for
  std::atomic<std::uint32_t> restarts;  // a session of before is dead
  std::uint64_t boots_until;

  char group[64];
  std::uint32_t members[kProcesses];   // handles of the group, by process
  std::uint32_t channels[kProcesses];  // connections, by process
  Resident residents[64];

  std::uint32_t kv_owner;  // process slot + 1
  std::uint32_t reserved;
  std::uint64_t kv_free_at;

  std::uint64_t busy_until;
  std::uint64_t last_ticket;
  Runner runners[128];
};

static_assert(sizeof(ChipArea) <= npu::device::sim::ChipState::kAreaBytes);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

}  // namespace hailo_fake
