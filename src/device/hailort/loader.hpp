// Finds and opens the adapter that fits the HailoRT of this machine.
//
// Adapters are hailort-<version>.so, one for each HailoRT version. One whose libhailort is not
// installed cannot be loaded, so the newest that can is the right one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "device/hailort/plugin.hpp"
#include "device/registry.hpp"

namespace npu::device::hailort {

// `folder`, or where it is empty the places where adapters are installed: the program's own folder
// and then the library folder.
std::vector<std::string> adapter_folders(const std::string& folder);

// Loads it at the first call; stays loaded. From one folder the newest version that loads.
// kUnsupported where none does: the text names each that was tried with the reason, and what to
// install. Sets HAILORT_LOGGER_PATH to NONE where the user did not set it, because HailoRT would
// write a file into the working folder.
Result<const Plugin*> load_plugin(const std::string& folder);

// Whether this machine has a Hailo device and an adapter for it. Where only the adapter is missing
// there is a warning in the log that says why.
bool present(const OpenOptions& options);

// Uses adapter_dir, group_id, realtime_fps and clock.
Result<std::unique_ptr<Device>> open_hailort(const OpenOptions& options);

}  // namespace npu::device::hailort
