// Shared memory that workers are told of: regions of clients and slabs of the manager.
//
// Everything here belongs to the event loop's thread, construction and destruction included. Only
// the bytes may be used by another thread while the owner is kept.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include <npu/result.hpp>

#include "manager/memory/client_quota.hpp"
#include "tensor/shared_memory.hpp"

namespace npu::manager {

using RegionNumber = std::uint64_t;  // the manager's own numbering, never reused; starts at 1

class Region {
 public:
  Region(RegionNumber number, SharedMemory memory, std::function<void(RegionNumber)> on_end,
         ClientQuota::Hold hold = {})
      : hold_(std::move(hold)),
        number_(number),
        memory_(std::move(memory)),
        on_end_(std::move(on_end)) {}
  ~Region() {
    if (on_end_) on_end_(number_);
  }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  RegionNumber number() const { return number_; }
  std::span<std::byte> bytes() const { return memory_.bytes(); }
  int fd() const { return memory_.fd(); }
  // SharedMemory::back(), asked of the system where that was not done for so many bytes yet. By who
  // is about to write.
  Status back(std::size_t bytes) {
    if (bytes <= backed_) return {};
    Status backed = memory_.back(bytes);
    if (backed) backed_ = bytes;
    return backed;
  }

 private:
  ClientQuota::Hold hold_;  // first: let go of after the descriptor is closed
  RegionNumber number_;
  SharedMemory memory_;
  std::size_t backed_ = 0;
  std::function<void(RegionNumber)> on_end_;
};

using RegionPtr = std::shared_ptr<Region>;

// Numbers regions and tells one listener when one has ended: when the last user let go of it, so
// nothing in flight names it any more.
class RegionRegistry {
 public:
  // hold: on behalf of whom, for as long as somebody uses it.
  RegionPtr add(SharedMemory memory, ClientQuota::Hold hold = {});
  void on_end(std::function<void(RegionNumber)> listener);
  // Bytes of all living regions.
  std::uint64_t bytes() const { return state_->bytes; }

 private:
  struct State {
    RegionNumber last = 0;
    std::uint64_t bytes = 0;
    std::function<void(RegionNumber)> listener;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace npu::manager
