// Something that happens again and again and is to be logged once.
#pragma once

#include <chrono>

#include "base/clock.hpp"

namespace npu {

class Episode {
 public:
  // It happens now. True where it did not in the minute before.
  bool begins(SteadyTime now) {
    const bool first = !happened_ || now - last_ > std::chrono::minutes(1);
    happened_ = true;
    last_ = now;
    return first;
  }

 private:
  bool happened_ = false;
  SteadyTime last_{};
};

}  // namespace npu
