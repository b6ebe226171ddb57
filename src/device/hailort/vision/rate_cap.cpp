#include "device/hailort/vision/rate_cap.hpp"

#include <algorithm>

namespace npu::device::hailort {
namespace {

constexpr double kBurstSeconds = 0.1;

}  // namespace

RateCap::RateCap(double per_second, const Clock& clock)
    : per_second_(std::max(0.0, per_second)),
      burst_(per_second_ > 0 ? std::max(1.0, per_second_ * kBurstSeconds) : 0.0),
      clock_(clock),
      tokens_(burst_),
      filled_(clock.now()) {}

void RateCap::fill() {
  const SteadyTime now = clock_.now();
  const double seconds = std::chrono::duration<double>(now - filled_).count();
  tokens_ = std::min(burst_, tokens_ + seconds * per_second_);
  filled_ = now;
}

bool RateCap::take(int frames) {
  fill();
  constexpr double kRounding = 1e-9;
  if (burst_ <= 0 || tokens_ + kRounding < std::min<double>(frames, burst_)) return false;
  tokens_ -= frames;
  return true;
}

void RateCap::charge(int frames) {
  fill();
  tokens_ -= frames;
}

}  // namespace npu::device::hailort
