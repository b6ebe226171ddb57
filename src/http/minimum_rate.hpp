// How long a transfer may go on: for ever while it is fast enough. It ends when nothing has come
// for `patience`, and when over a longer time less has come than `floor` bytes a second.
//
//   MinimumRate rate(30s, 1024, now);
//   while (...) { read until rate.until(); rate.moved(bytes, now); }
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "base/clock.hpp"

namespace npu::http {

class MinimumRate {
 public:
  // floor: bytes a second; 0: every byte buys as much as `patience`.
  MinimumRate(Millis patience, std::size_t floor, SteadyTime now)
      : patience_(patience), floor_(floor), until_(now + patience) {}

  SteadyTime until() const { return until_; }

  // For time in which nothing was waited for from the peer.
  void paused(Duration time) { until_ += time; }

  // Bytes buy time, and what was bought without being needed is not kept.
  void moved(std::size_t bytes, SteadyTime now) {
    const SteadyTime most = now + patience_;
    if (floor_ == 0 || bytes / floor_ >= kEnough) {
      until_ = most;
      return;
    }
    const std::chrono::duration<double> bought(static_cast<double>(bytes) /
                                               static_cast<double>(floor_));
    until_ = std::min(until_ + std::chrono::duration_cast<Duration>(bought), most);
  }

 private:
  static constexpr std::size_t kEnough = 1'000'000;  // seconds: no sum of times overflows

  Millis patience_;
  std::size_t floor_;
  SteadyTime until_;
};

}  // namespace npu::http
