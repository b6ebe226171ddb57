// Tells runs of ONNX Runtime to end when their time has passed.
//
// The runtime looks between two operators, so a run ends with the operator that it is in, and what
// is inside of one for long is for the manager's watchdog.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include <onnxruntime_cxx_api.h>

#include "base/clock.hpp"

namespace npu::device {

class RunTimer {
 public:
  // limit: of each run; Duration::max() is without one.
  explicit RunTimer(Duration limit);

  Duration limit() const { return limit_; }

  // From before a run to after it. One at a time; it does not outlive the timer.
  class Watch {
   public:
    explicit Watch(RunTimer& timer);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    const Ort::RunOptions& options() const { return options_; }
    bool expired() const;

   private:
    RunTimer& timer_;
    Ort::RunOptions options_;
  };

 private:
  void watch(const std::stop_token& stop);

  const Duration limit_;
  std::mutex mutex_;
  std::condition_variable_any begun_;
  Ort::RunOptions* run_ = nullptr;  // null where there is none, or it was told to end
  SteadyTime end_{};                // of that run
  bool expired_ = false;            // the last one was told to end
  bool asleep_ = true;              // until begun_
  std::jthread thread_;             // last: it uses all the others
};

}  // namespace npu::device
