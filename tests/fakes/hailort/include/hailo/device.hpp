// One chip on a connection of its own: who it is and how it fares.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hailo/expected.hpp"
#include "hailo/hailort.h"
#include "hailo/hef.hpp"

namespace hailort {

class HAILORTAPI Device {
 public:
  static Expected<std::vector<std::string>> scan();
  static Expected<std::unique_ptr<Device>> create();
  static Expected<std::unique_ptr<Device>> create(const std::string& device_id);

  virtual Expected<hailo_device_identity_t> identify() = 0;
  virtual Expected<hailo_chip_temperature_info_t> get_chip_temperature() = 0;
  virtual Expected<hailo_health_stats_t> query_health_stats() = 0;
  // 5.3 has a parameter with a default here.
  virtual Expected<hailo_performance_stats_t> query_performance_stats() = 0;
  // REBOOT: the chip's system starts again; of no use afterwards. Since 5.2.
  virtual hailo_status reset(hailo_reset_device_mode_t mode) = 0;

  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  Device(Device&&) = delete;
  Device& operator=(Device&& other) = delete;

 protected:
  Device() = default;
};

}  // namespace hailort
