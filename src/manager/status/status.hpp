// The payloads of ping/status and device_status.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "broker/broker.hpp"
#include "device/device_info.hpp"

namespace npu::manager {

// For one payload: looks at what others own.
struct StatusFacts {
  const device::DeviceInfo* device = nullptr;  // null until a worker has opened it
  std::optional<device::Telemetry> telemetry;
  std::string_view socket_path;
  Duration uptime{};
  std::size_t queue_depth = 0;
};

boost::json::object status_payload(const StatusFacts& facts, const broker::Snapshot& snapshot);
// {"status":"error","message":"Device not initialized", ...} without a device.
boost::json::object device_status_payload(const StatusFacts& facts,
                                          const broker::Snapshot& snapshot);

}  // namespace npu::manager
