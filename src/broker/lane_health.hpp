// Whether a lane's worker runs, and when a new one may be started.
#pragma once

#include <optional>
#include <string>

#include "broker/types.hpp"

namespace npu::broker {

// A worker that was lost after it had answered a job is replaced at once. One that did not come up,
// or went before its first answer, is tried again after a pause that doubles from kFirstPause to
// kLongestPause; from kGiveUp failures in a row on, what waits for the lane is failed each time.
class LaneHealth {
 public:
  enum class State { kDown, kStarting, kUp, kEnding };

  static constexpr Duration kFirstPause = std::chrono::milliseconds(250);
  static constexpr Duration kLongestPause = std::chrono::seconds(5);
  static constexpr int kGiveUp = 5;

  State state() const { return state_; }
  bool up() const { return state_ == State::kUp; }
  bool down() const { return state_ == State::kDown; }

  // Returns true if this replaces a worker that was lost.
  bool starting();
  void came_up();
  void answered() {
    proven_ = true;
    failures_ = 0;
  }
  void ending() { state_ = State::kEnding; }  // killed on purpose
  void retiring() {                           // killed because nobody needs it
    ending();
    retiring_ = true;
  }
  // Returns false if the worker was retiring: then it is no loss.
  bool lost(SteadyTime now, const std::string& reason);

  bool given_up() const { return failures_ >= kGiveUp; }
  bool may_start(SteadyTime now) const { return now >= start_after_; }
  SteadyTime start_after() const { return start_after_; }
  const std::string& reason() const { return reason_; }
  // Why the lane was given up, until a worker comes up.
  const std::optional<std::string>& broken() const { return broken_; }

 private:
  State state_ = State::kDown;
  bool proven_ = false;
  bool retiring_ = false;
  bool was_lost_ = false;
  int failures_ = 0;
  SteadyTime start_after_{};
  std::string reason_;
  std::optional<std::string> broken_;
};

}  // namespace npu::broker
