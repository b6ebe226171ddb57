// The best detections of many.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "vision/detection.hpp"

namespace npu::vision {

// Of a picture, for the suppression: more than any crowd has, and a bound on its time.
inline constexpr std::size_t kMaxCandidates = 3000;

// Which detections count; the others suppress nothing and take nobody's place.
struct Wanted {
  std::vector<int> labels{};    // sorted; empty: all
  std::optional<Box> region{};  // they reach into it: where the picture lies in the input
};

// Holds at most twice as many as it keeps. Which it keeps does not depend on the order of add().
class Candidates {
 public:
  explicit Candidates(std::size_t most, Wanted wanted = {})
      : most_(std::max<std::size_t>(most, 1)), wanted_(std::move(wanted)) {}

  // Dropped: boxes and scores that are not finite, boxes without area, scores that are not above 0.
  void add(Detection found) {
    const Box& box = found.box;
    if (!(std::isfinite(box.area()) && box.right > box.left && box.bottom > box.top)) return;
    if (!(std::isfinite(found.score) && found.score > 0)) return;
    const auto& labels = wanted_.labels;
    if (!labels.empty() && !std::ranges::binary_search(labels, found.label)) return;
    if (wanted_.region && !reaches_into(box, *wanted_.region)) return;
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
  static bool reaches_into(const Box& box, const Box& region) {
    return box.left < region.right && box.right > region.left && box.top < region.bottom &&
           box.bottom > region.top;
  }
  void cut() {
    if (found_.size() <= most_) return;
    const auto end = found_.begin() + static_cast<std::ptrdiff_t>(most_);
    std::ranges::nth_element(found_, end, before);
    found_.erase(end, found_.end());
  }

  std::size_t most_;
  Wanted wanted_;
  std::vector<Detection> found_;
};

}  // namespace npu::vision
