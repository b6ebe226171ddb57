#include "vision/suppress.hpp"

#include <algorithm>
#include <utility>

namespace npu::vision {

std::vector<Detection> suppress(Candidates candidates, const SuppressionRules& rules) {
  std::vector<Detection> kept;
  for (const Detection& next : std::move(candidates).take()) {
    if (kept.size() >= rules.max_detections) break;
    const bool covered = std::ranges::any_of(kept, [&](const Detection& better) {
      return (rules.agnostic || better.label == next.label) &&
             overlap(better.box, next.box) > rules.max_overlap;
    });
    if (!covered) kept.push_back(next);
  }
  return kept;
}

}  // namespace npu::vision
