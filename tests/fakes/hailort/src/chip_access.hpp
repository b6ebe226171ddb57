// Inside Chip only: sole use of what processes share.
#pragma once

#include "chip.hpp"

namespace hailo_fake {

class Chip::Access {
 public:
  explicit Access(Chip& chip) : lock_(chip.mutex_), guard_(chip.state_->lock()) {}

 private:
  std::lock_guard<std::mutex> lock_;
  npu::device::sim::ChipState::Guard guard_;
};

inline std::uint64_t ticks(npu::SteadyTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

inline npu::SteadyTime time_of(std::uint64_t ticks) {
  return npu::SteadyTime(
      std::chrono::duration_cast<npu::Duration>(std::chrono::nanoseconds(ticks)));
}

// A process that dies rings no bell.
constexpr auto kDeathCheck = std::chrono::milliseconds(20);

}  // namespace hailo_fake
