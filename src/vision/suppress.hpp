// Greedy non-maximum suppression.
#pragma once

#include <cstddef>
#include <vector>

#include "vision/candidates.hpp"
#include "vision/detection.hpp"

namespace npu::vision {

struct SuppressionRules {
  float max_overlap = 0.45F;  // of two that both stay; 1: nothing is suppressed
  bool agnostic = false;      // also between different labels
  std::size_t max_detections = 100;
};

// Those that no better one overlaps by more than max_overlap, best first; the number is cut last,
// so that duplicates take nobody's place. The time is at most candidates times max_detections.
std::vector<Detection> suppress(Candidates candidates, const SuppressionRules& rules);

}  // namespace npu::vision
