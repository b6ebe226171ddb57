#include "broker/lane_health.hpp"

#include <algorithm>
#include <utility>

namespace npu::broker {

bool LaneHealth::starting() {
  state_ = State::kStarting;
  retiring_ = proven_ = false;
  return std::exchange(was_lost_, false);
}

void LaneHealth::came_up() {
  state_ = State::kUp;
  broken_.reset();
}

bool LaneHealth::lost(SteadyTime now, const std::string& reason) {
  const State before = std::exchange(state_, State::kDown);
  if (std::exchange(retiring_, false)) return false;
  was_lost_ = was_lost_ || before != State::kStarting;
  reason_ = reason;
  if (proven_) {
    start_after_ = now;
    return true;
  }
  ++failures_;
  const int doublings = std::min(failures_ - 1, 16);
  start_after_ = now + std::min(kLongestPause, kFirstPause * (1 << doublings));
  if (given_up()) broken_ = reason;
  return true;
}

}  // namespace npu::broker
