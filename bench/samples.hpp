// Timings and what is said of them: medians, percentiles and ratios, never bare absolute claims.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace npu::bench {

using Clock = std::chrono::steady_clock;

class Samples {
 public:
  void add(Clock::duration took) {
    ms_.push_back(std::chrono::duration<double, std::milli>(took).count());
  }
  void add_all(const Samples& other) { ms_.insert(ms_.end(), other.ms_.begin(), other.ms_.end()); }
  std::size_t size() const { return ms_.size(); }
  double median() const { return percentile(50); }
  // Nearest rank, in milliseconds; 0 without samples.
  double percentile(double p) const {
    if (ms_.empty()) return 0;
    std::vector<double> sorted = ms_;
    const auto rank =
        static_cast<std::size_t>(p / 100 * static_cast<double>(sorted.size() - 1) + 0.5);
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                     sorted.end());
    return sorted[rank];
  }

 private:
  std::vector<double> ms_;
};

template <class Body>
Clock::duration time_of(Body body) {
  const auto begin = Clock::now();
  body();
  return Clock::now() - begin;
}

}  // namespace npu::bench
