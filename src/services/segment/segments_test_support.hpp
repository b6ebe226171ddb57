// What a network for segmentation answers, for tests: a box whose mask is its left half, and less
// sure the same box with the right half.
#pragma once

#include <vector>

#include "services/kit/infer_result_test_support.hpp"

namespace npu::segment {

using kit::result_of;
using kit::tensor_of;

// Of an input of 64 x 64: rows with one coefficient, a cat of 0.9 and a dog of 0.8.
inline InferResult halves() {
  std::vector<float> plane;
  plane.reserve(16 * 16);
  for (int i = 0; i < 16 * 16; ++i) plane.push_back(i % 16 < 8 ? 8 : -8);
  return result_of({{"rows", tensor_of({2, 7}, {16, 16, 48, 48, 0.9F, 15, 1,  //
                                                16, 16, 48, 48, 0.8F, 16, -1})},
                    {"prototypes", tensor_of({1, 16, 16}, plane)}});
}

}  // namespace npu::segment
