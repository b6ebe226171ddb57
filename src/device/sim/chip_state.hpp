// What the processes that use one simulated chip share: memory, the KV cache, running generations.
//
// Lives in a file that all of them map. A process owns one slot of it for as long as it lives: the
// slot is guarded by a lock that the kernel drops when the process ends, however it ends, and what
// a dead process had reserved is free again. Without a file the state is this process's own.
// Used by one thread of a process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "device/sim/fault.hpp"

namespace npu::device::sim {

class ChipState {
 public:
  static constexpr std::size_t kSlots = 16;  // processes
  static constexpr std::size_t kAreaBytes = 16 * 1024;

  // path: created if absent; empty: private. memory_bytes: of the chip, 0 for no bound.
  // kInvalidArgument for a file that is something else, kBusy where all slots are taken,
  // kUnavailable where its file system is full.
  static Result<std::unique_ptr<ChipState>> open(const std::string& path,
                                                 std::uint64_t memory_bytes);
  ~ChipState();
  ChipState(const ChipState&) = delete;
  ChipState& operator=(const ChipState&) = delete;

  // kDoesNotFit where the chip has no room: "needs 2180 MB, 1500 MB of 7500 MB are free".
  Status reserve(std::uint64_t bytes);
  void release(std::uint64_t bytes);
  // kBusy while a model holds the chip's only KV cache.
  Status take_kv();
  void release_kv();
  std::uint64_t used() const;

  // A generation occupies the chip in slots of this length, from start until end.
  void generating(SteadyTime start, Duration slot, SteadyTime end);
  // How long other work that arrives now waits: the rest of the slot that is running, if any.
  Duration slot_rest(SteadyTime now) const;

  FaultCounters& fault_counters();

  // For who keeps more on the chip than this class does: memory in the same file, zero at first, 8
  // byte aligned; the lock that keeps other processes out of the file, which every other method
  // here takes and gives back on its own; this process's slot, and whether a slot's process lives.
  std::span<std::byte> area();
  class Guard {
   public:
    explicit Guard(const UniqueFd& fd);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    int fd_;
  };
  Guard lock() const { return Guard(fd_); }
  std::size_t slot() const { return slot_; }
  bool alive(std::size_t slot) const;

 private:
  struct Shared;
  ChipState(UniqueFd fd, Shared* shared, std::uint64_t memory_bytes);
  Status claim_slot();
  std::uint64_t used_locked() const;

  UniqueFd fd_;
  Shared* shared_ = nullptr;
  std::size_t slot_ = 0;
  std::uint64_t memory_bytes_ = 0;
};

}  // namespace npu::device::sim
