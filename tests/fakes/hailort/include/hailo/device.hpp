// One chip on a connection of its own: who it is and how it fares.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hailo/expected.hpp"
#include "hailo/hailort.h"
#include "hailo/hef.hpp"

namespace hailort {

class Device;
using NotificationCallback =
    std::function<void(Device& device, const hailo_notification_t& notification, void* opaque)>;

class HAILORTAPI Device {
 public:
  static Expected<std::vector<std::string>> scan();
  static Expected<std::unique_ptr<Device>> create();
  static Expected<std::unique_ptr<Device>> create(const std::string& device_id);

  virtual Expected<hailo_device_identity_t> identify() = 0;
  virtual Expected<hailo_device_architecture_t> get_architecture() const = 0;
  virtual const char* get_dev_id() const = 0;
  virtual Expected<hailo_chip_temperature_info_t> get_chip_temperature() = 0;
  virtual Expected<hailo_health_stats_t> query_health_stats() = 0;
  // 5.3 has a parameter with a default here.
  virtual Expected<hailo_performance_stats_t> query_performance_stats() = 0;
  // What the chip's own system has logged; the runtime on the chip explains its errors there.
  virtual Expected<size_t> fetch_logs(MemoryView buffer, hailo_log_type_t log_type) = 0;
  Expected<size_t> get_max_logs_size(hailo_log_type_t log_type);
  // REBOOT: the chip's system starts again; of no use afterwards. Since 5.2.
  virtual hailo_status reset(hailo_reset_device_mode_t mode) = 0;
  virtual hailo_status set_notification_callback(const NotificationCallback& func,
                                                 hailo_notification_id_t notification_id,
                                                 void* opaque) = 0;
  virtual hailo_status remove_notification_callback(hailo_notification_id_t notification_id) = 0;

  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  Device(Device&&) = delete;
  Device& operator=(Device&& other) = delete;

 protected:
  Device() = default;
};

}  // namespace hailort
