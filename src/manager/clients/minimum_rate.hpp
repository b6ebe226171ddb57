// Whether a peer moves bytes fast enough where others wait for it.
#pragma once

#include <cstddef>

#include "base/clock.hpp"

namespace npu::manager {

// Looked at now and then. Bytes are counted from the beginning of the connection.
class MinimumRate {
 public:
  // From now on it is expected to move bytes.
  void begin(SteadyTime now, std::size_t bytes) {
    since_ = now;
    from_ = bytes;
  }

  // True once it has been slower than that for longer than the grace.
  bool is_lost(std::size_t bytes_per_second, Duration grace, SteadyTime now, std::size_t bytes) {
    const double seconds = std::chrono::duration<double>(now - since_).count();
    if (static_cast<double>(bytes - from_) >= static_cast<double>(bytes_per_second) * seconds) {
      begin(now, bytes);
    }
    return now - since_ > grace;
  }

 private:
  SteadyTime since_{};
  std::size_t from_ = 0;
};

}  // namespace npu::manager
