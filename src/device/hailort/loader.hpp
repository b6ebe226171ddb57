// Opens the adapter that fits the HailoRT of this machine.
#pragma once

#include <memory>
#include <string>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "device/hailort/plugin.hpp"
#include "device/registry.hpp"

namespace npu::device::hailort {

// hailort-<version>.so; see open_plugin.hpp.
Result<const Plugin*> load_plugin(const std::string& folder);

// Whether this machine has a Hailo device and an adapter for it. Where only the adapter is missing
// there is a warning in the log that says why.
bool present(const OpenOptions& options);

// Model folders to read, device nodes to write and call, libraries; generous where HailoRT's own
// needs could not be looked at on a machine with the device (docs/adr/0095).
confine::Rules needs(const OpenOptions& options);

// Uses adapter_dir, group_id, realtime_fps and clock.
Result<std::unique_ptr<Device>> open_hailort(const OpenOptions& options);

}  // namespace npu::device::hailort
