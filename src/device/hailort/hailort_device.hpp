// The chip as a Device.
#pragma once

#include <memory>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "device/registry.hpp"

namespace npu::device::hailort {

// Plugin::open.
Result<std::unique_ptr<Device>> open_device(const OpenOptions& options);

}  // namespace npu::device::hailort
