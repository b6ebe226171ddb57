// From the network's output to a depth map of the picture's size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "media/image.hpp"
#include "media/resize.hpp"
#include "services/depth/estimate_options.hpp"

namespace npu::depth {

// The one plane of the output: dimensions of 1 are dropped; of three left, the first plane if there
// are 1 or 3 planes in front, else the first channel. Float32, unsigned and signed 8- and 16-bit.
// Fails with kInternal where no plane is left.
Result<media::FloatMap> plane_of(const TensorView& output);

// Every value as the representation has it.
void represent(media::FloatMap& map, Representation representation);

struct Stats {
  double min = 0;
  double max = 0;
  double mean = 0;
  double p95 = 0;
};

// The map of an answer: a plane at the size of the picture, which may be 200 MB. It is never held:
// each row is computed when it is asked for.
class DepthMap {
 public:
  DepthMap() : DepthMap({1, 1, {0}}, {1, 1}) {}
  DepthMap(const media::FloatMap& plane, media::Size picture);

  media::Size size() const { return {rows_.width(), rows_.height()}; }
  // To 0..1 by minimum and maximum. A flat map stays as it is. Not-a-number is left out and left.
  void normalize();
  // out: size().width values.
  void row(int y, std::span<float> out) const;
  // The same as it is, or would be, after normalize().
  void unit_row(int y, std::span<float> out) const;

  // p95 is the "lower" percentile: the element at floor(0.95 (n - 1)) of the sorted values. The
  // others are of the values up to it, so that a few wild ones do not count. [1, 2, 3, 100] has p95
  // = 3. All zero where no value is a number.
  Stats stats() const;

 private:
  media::ResizedRows rows_;
  // Of the values by the upper half of their bits, in the order of the values.
  std::vector<std::uint32_t> histogram_;
  std::uint64_t count_ = 0;
  float low_ = 0;
  float high_ = 0;
  bool unit_ = false;
};

}  // namespace npu::depth
