// Time as a port, so that policy and the simulated device are tested without waiting.
#pragma once

#include <chrono>

namespace npu {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

// Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime now() const = 0;
  virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// A clock that moves only when told to. Not thread safe.
class FakeClock final : public Clock {
 public:
  SteadyTime now() const override { return now_; }
  WallTime wall() const override {
    return WallTime{} + std::chrono::duration_cast<WallTime::duration>(now_.time_since_epoch());
  }
  void advance(Duration by) { now_ += by; }
  void set(SteadyTime to) { now_ = to; }

 private:
  SteadyTime now_{};
};

// Seconds since the epoch as the wire protocol states times.
inline double unix_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// For answers that say how long something took.
inline double milliseconds_since(SteadyTime begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

}  // namespace npu
