// Whether a lane's worker runs, and when a new one may be started.
#pragma once

#include <optional>
#include <string>

#include "broker/types.hpp"

namespace npu::broker {

// A worker that was lost after it had answered a job is replaced at once. One that did not come up,
// or went before its first answer, is tried again after a pause that doubles from kFirstPause to
// kLongestPause; from kGiveUp failures in a row on, what waits for the lane is failed each time.
//
// One that did not come up because the device is not there or is held by somebody else
// (kUnavailable, kBusy) is tried again for as long as that lasts, with pauses of up to
// `longest_wait` while nobody has work for it. Where trying again is of no use (kVersionMismatch,
// kUnsupported) the lane is given up at once and refuses work for kRefusalLasts.
class LaneHealth {
 public:
  enum class State { kDown, kStarting, kUp, kEnding, kStuck };

  static constexpr Duration kFirstPause = std::chrono::milliseconds(250);
  static constexpr Duration kLongestPause = std::chrono::seconds(5);
  static constexpr Duration kLongestWait = std::chrono::seconds(60);  // where nothing else is set
  static constexpr int kGiveUp = 5;
  static constexpr Duration kRefusalLasts = std::chrono::minutes(1);

  void set_longest_wait(Duration longest_wait) { longest_wait_ = longest_wait; }

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
  // Killed, and does not end: there will be no other worker before it has.
  void stuck(const std::string& reason);
  // Returns false if the worker was retiring: then it is no loss.
  bool lost(SteadyTime now, const Error& why);

  bool given_up() const { return failures_ >= kGiveUp; }
  // Down, and started again without anybody asking for it.
  bool waits_for_device() const { return down() && trouble_ == Trouble::kNoDevice; }
  bool may_start(SteadyTime now) const { return now >= start_after_; }
  SteadyTime start_after() const { return start_after_; }
  // There is work for the lane. Returns true if it is therefore started sooner.
  bool wanted();

  // Why work for the lane is refused now, if it is.
  std::optional<Error> refusal(SteadyTime now) const;
  // What the work that waits is told when the lane is given up.
  Error why_not(SteadyTime now) const;
  // What is wrong with the lane, until a worker comes up.
  const std::optional<std::string>& broken() const { return broken_; }

 private:
  enum class Trouble { kNone, kFailing, kNoDevice, kHopeless };

  Duration longest_wait_ = kLongestWait;
  State state_ = State::kDown;
  bool proven_ = false;
  bool retiring_ = false;
  bool was_lost_ = false;
  int failures_ = 0;
  Trouble trouble_ = Trouble::kNone;
  SteadyTime lost_at_{};
  SteadyTime start_after_{};
  Error why_;
  std::optional<std::string> broken_;
};

}  // namespace npu::broker
