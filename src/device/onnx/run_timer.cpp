#include "device/onnx/run_timer.hpp"

namespace npu::device {

RunTimer::RunTimer(Duration limit) : limit_(limit) {
  if (limit_ != Duration::max()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }
}

// All runs have the same time, so a thread that wakes for one of them is never late for a later
// one, and a run costs no switch of threads.
void RunTimer::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (run_ != nullptr && std::chrono::steady_clock::now() >= end_) {
      run_->SetTerminate();
      run_ = nullptr;
      expired_ = true;
    }
    asleep_ = run_ == nullptr;
    if (asleep_) {
      begun_.wait(lock, stop, [this] { return run_ != nullptr; });
    } else {
      begun_.wait_until(lock, stop, SteadyTime(end_), [] { return false; });
    }
  }
}

RunTimer::Watch::Watch(RunTimer& timer) : timer_(timer) {
  if (timer_.limit_ == Duration::max()) return;
  const std::lock_guard lock(timer_.mutex_);
  timer_.run_ = &options_;
  timer_.end_ = std::chrono::steady_clock::now() + timer_.limit_;
  timer_.expired_ = false;
  if (timer_.asleep_) timer_.begun_.notify_one();
}

RunTimer::Watch::~Watch() {
  const std::lock_guard lock(timer_.mutex_);
  timer_.run_ = nullptr;
}

bool RunTimer::Watch::expired() const {
  const std::lock_guard lock(timer_.mutex_);
  return timer_.expired_;
}

}  // namespace npu::device
