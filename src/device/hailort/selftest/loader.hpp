// Opens the hardware checks that fit the HailoRT of this machine.
#pragma once

#include <string>

#include <npu/result.hpp>

#include "device/hailort/selftest/plugin.hpp"

namespace npu::device::hailort::selftest {

// hailort-selftest-<version>.so, from the folders of the adapters and found as they are; see
// open_plugin.hpp.
Result<const Plugin*> load_plugin(const std::string& folder);

}  // namespace npu::device::hailort::selftest
