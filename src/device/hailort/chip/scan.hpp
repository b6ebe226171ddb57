// Plugin::scan: the devices that there are and what they say of themselves.
#pragma once

#include <boost/json.hpp>

namespace npu::device::hailort {

// {"devices": [...], "error"?: {...}}. A device that was reached has "id", "architecture",
// "firmware", "board", "serial", "part", "product", and what it could measure:
// "temperature_celsius", "voltage_mv", "memory_total_bytes", "memory_used_bytes", "cpu" and "nnc"
// (0..1). One that was not has "id" and "error". An error is {"status", "name", "code", "message"}.
boost::json::object scan_devices();

}  // namespace npu::device::hailort
