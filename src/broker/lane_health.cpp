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
  trouble_ = Trouble::kNone;
  broken_.reset();
}

void LaneHealth::stuck(const std::string& reason) {
  state_ = State::kStuck;
  why_ = {ErrorCode::kUnavailable, reason};
  broken_ = reason;
}

bool LaneHealth::lost(SteadyTime now, const Error& why) {
  const State before = std::exchange(state_, State::kDown);
  if (before == State::kStuck) broken_.reset();
  if (std::exchange(retiring_, false)) return false;
  was_lost_ = was_lost_ || before != State::kStarting;
  why_ = why;
  lost_at_ = now;
  if (proven_) {
    start_after_ = now;
    return true;
  }
  ++failures_;
  trouble_ = Trouble::kFailing;
  if (before == State::kStarting) {
    switch (why.code) {
      case ErrorCode::kUnavailable:
      case ErrorCode::kBusy: trouble_ = Trouble::kNoDevice; break;
      case ErrorCode::kVersionMismatch:
      case ErrorCode::kUnsupported: trouble_ = Trouble::kHopeless; break;
      default: break;
    }
  }
  const Duration longest = trouble_ == Trouble::kNoDevice ? longest_wait_ : kLongestPause;
  start_after_ = now + std::min(longest, kFirstPause * (1 << std::min(failures_ - 1, 16)));
  if (trouble_ == Trouble::kHopeless) {
    failures_ = kGiveUp;
    start_after_ = now + kRefusalLasts;
  }
  if (trouble_ == Trouble::kNoDevice) {
    broken_ = "waiting for device: " + why.message;
  } else if (trouble_ == Trouble::kHopeless && why.code == ErrorCode::kVersionMismatch) {
    broken_ = "version mismatch: " + why.message;
  } else if (given_up()) {
    broken_ = why.message;
  }
  return true;
}

bool LaneHealth::wanted() {
  const SteadyTime soon = lost_at_ + kLongestPause;
  if (!waits_for_device() || start_after_ <= soon) return false;
  start_after_ = soon;
  return true;
}

std::optional<Error> LaneHealth::refusal(SteadyTime now) const {
  const bool refuses =
      state_ == State::kStuck || (down() && trouble_ == Trouble::kHopeless && now < start_after_);
  if (refuses) return why_not(now);
  return std::nullopt;
}

Error LaneHealth::why_not(SteadyTime now) const {
  const bool mismatch = why_.code == ErrorCode::kVersionMismatch;
  Error error{mismatch ? ErrorCode::kVersionMismatch : ErrorCode::kUnavailable, why_.message};
  if (down()) error.retry_after = std::chrono::ceil<Millis>(start_after_ - now);
  return error;
}

}  // namespace npu::broker
