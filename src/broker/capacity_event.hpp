// That the device had no room for a model, as the status tells it.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace npu::broker {

struct CapacityEvent {
  std::string reason;
  std::string model;  // path
  WallTime at{};
};

}  // namespace npu::broker
