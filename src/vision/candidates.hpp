// The best detections of many.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "vision/detection.hpp"

namespace npu::vision {

// Holds at most twice as many as it keeps. Which it keeps does not depend on the order of add().
class Candidates {
 public:
  // labels: sorted, the only ones that are wanted; empty: all.
  explicit Candidates(std::size_t most, std::vector<int> labels = {})
      : most_(std::max<std::size_t>(most, 1)), labels_(std::move(labels)) {}

  // Dropped: boxes and scores that are not finite, boxes without area, scores that are not above 0.
  void add(Detection found) {
    const Box& box = found.box;
    if (!(std::isfinite(box.area()) && box.right > box.left && box.bottom > box.top)) return;
    if (!(std::isfinite(found.score) && found.score > 0)) return;
    if (!labels_.empty() && !std::ranges::binary_search(labels_, found.label)) return;
    found.score = std::min(found.score, 1.F);  // quantised scores may lie a step above
    found_.push_back(found);
    if (found_.size() >= 2 * most_) cut();
  }

  // Best first.
  std::vector<Detection> take() && {
    cut();
    std::ranges::sort(found_, before);
    return std::move(found_);
  }

 private:
  void cut() {
    if (found_.size() <= most_) return;
    const auto end = found_.begin() + static_cast<std::ptrdiff_t>(most_);
    std::ranges::nth_element(found_, end, before);
    found_.erase(end, found_.end());
  }

  std::size_t most_;
  std::vector<int> labels_;
  std::vector<Detection> found_;
};

}  // namespace npu::vision
