// From the network's output to a depth map of the picture's size.
#pragma once

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "media/image.hpp"
#include "services/depth/estimate_options.hpp"

namespace npu::depth {

// The one plane of the output: dimensions of 1 are dropped; of three left, the first plane if there
// are 1 or 3 planes in front, else the first channel. Float32, unsigned and signed 8- and 16-bit.
// Fails with kInternal where no plane is left.
Result<media::FloatMap> plane_of(const TensorView& output);

// Every value as the representation has it.
void represent(media::FloatMap& map, Representation representation);

// To 0..1 by minimum and maximum. A flat map stays as it is. Not-a-number is left out and left.
void normalize(media::FloatMap& map);

struct Stats {
  double min = 0;
  double max = 0;
  double mean = 0;
  double p95 = 0;
};
// p95 is the "lower" percentile: the element at floor(0.95 (n - 1)) of the sorted values. The
// others are of the values up to it, so that a few wild ones do not count. [1, 2, 3, 100] has p95
// = 3. The map is not empty. All zero where no value is a number.
Stats stats_of(const media::FloatMap& map);

}  // namespace npu::depth
