// The payloads of ping/status and device_status.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "broker/broker.hpp"
#include "device/device_info.hpp"

namespace npu::manager {

struct StatusFacts {
  std::optional<device::DeviceInfo> device;  // empty until a worker has opened it
  std::optional<device::Telemetry> telemetry;
  std::string socket_path;
  Duration uptime{};
  std::size_t queue_depth = 0;
};

boost::json::object status_payload(const StatusFacts& facts, const broker::Snapshot& snapshot);
// {"status":"error","message":"Device not initialized", ...} without a device.
boost::json::object device_status_payload(const StatusFacts& facts,
                                          const broker::Snapshot& snapshot);

}  // namespace npu::manager
