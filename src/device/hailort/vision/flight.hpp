// One run that is on its way: what the library's thread reports and the caller waits for.
//
// Callbacks come on the thread that receives all replies of a connection. They only note the
// result; they may come after everybody has stopped waiting, so they share the flight.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "device/hailort/sdk.hpp"

namespace npu::device::hailort {

class Flight {
 public:
  explicit Flight(int frames) : under_way_(static_cast<std::size_t>(frames), false) {}

  // Before the frame is given to the library.
  void start(int frame) {
    const std::lock_guard lock(mutex_);
    under_way_[static_cast<std::size_t>(frame)] = true;
  }
  // The library did not take it. Yet its callback may have come, or come later.
  void refused(int frame) { landed(frame, HAILO_SUCCESS); }
  void landed(int frame, hailo_status status) noexcept {
    const std::lock_guard lock(mutex_);
    if (status_ == HAILO_SUCCESS) status_ = status;
    under_way_[static_cast<std::size_t>(frame)] = false;
    // With the lock: whoever waits may give up the flight as soon as it is released.
    landed_.notify_all();
  }
  // False where frames are still under way by then.
  bool wait_until(SteadyTime when) {
    std::unique_lock lock(mutex_);
    return landed_.wait_until(
        lock, when, [this] { return std::ranges::find(under_way_, true) == under_way_.end(); });
  }
  // The first that was not success.
  hailo_status status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable landed_;
  std::vector<bool> under_way_;
  hailo_status status_ = HAILO_SUCCESS;
};

}  // namespace npu::device::hailort
