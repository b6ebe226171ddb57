// How many frames a second may overtake generated tokens on the chip.
//
// The chip's scheduler is strict: what is above the tokens runs first, always. Without a bound one
// camera would stop every answer.
#pragma once

#include "base/clock.hpp"

namespace npu::device::hailort {

class RateCap {
 public:
  // per_second 0: none may. clock outlives the cap.
  RateCap(double per_second, const Clock& clock);
  // Whether `frames` more are within the rate; if so they are counted. A tenth of a second's worth,
  // at least one frame, may come at once; a batch that is larger than that counts from full.
  bool take(int frames = 1);
  // Counts frames that overtake without having been asked for; later ones wait for them.
  void charge(int frames);

 private:
  void fill();

  const double per_second_;
  const double burst_;
  const Clock& clock_;
  double tokens_;
  SteadyTime filled_;
};

}  // namespace npu::device::hailort
