// The device's last readings, for as long as they can pass for what is so now.
#pragma once

#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "device/device_info.hpp"

namespace npu::manager {

class Readings {
 public:
  // Twice as long as the manager lets pass without asking.
  static constexpr Duration kCurrent = std::chrono::minutes(2);

  void read(const device::Telemetry& readings, SteadyTime now) { last_ = {readings, now}; }
  void device_lost() { last_.reset(); }
  std::optional<device::Telemetry> at(SteadyTime now) const {
    if (!last_ || now - last_->second > kCurrent) return std::nullopt;
    return last_->first;
  }

 private:
  std::optional<std::pair<device::Telemetry, SteadyTime>> last_;
};

}  // namespace npu::manager
