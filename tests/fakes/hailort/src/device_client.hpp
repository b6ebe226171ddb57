// The Device of a chip behind a connection.
#pragma once

#include "hailo/device.hpp"

#include "connection.hpp"

namespace hailort {

inline constexpr const char* kDeviceId = "0001:01:00.0";

hailort::Expected<std::shared_ptr<hailo_fake::Connection>> connect(
    const std::shared_ptr<hailo_fake::Machine>& machine, const hailo_fake::Verdict& verdict);

class DeviceClient final : public Device {
 public:
  // own: the connection ends with this object. A VDevice's device uses the VDevice's connection.
  DeviceClient(std::shared_ptr<hailo_fake::Connection> connection, bool own);
  ~DeviceClient() override;

  Expected<hailo_device_identity_t> identify() override;
  Expected<hailo_chip_temperature_info_t> get_chip_temperature() override;
  Expected<hailo_health_stats_t> query_health_stats() override;
  Expected<hailo_performance_stats_t> query_performance_stats() override;
  hailo_status reset(hailo_reset_device_mode_t mode) override;

 private:
  template <class T, class Read>
  Expected<T> reading(const char* name, npu::Duration time, Read read);

  std::shared_ptr<hailo_fake::Connection> connection_;
  bool own_;
};

}  // namespace hailort
