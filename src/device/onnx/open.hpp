// ONNX Runtime on the CPU as a device: tensor models only.
#pragma once

#include <memory>

#include <npu/result.hpp>

#include "device/registry.hpp"

namespace npu::device {

// Uses OpenOptions::threads. At most one device a process: its models share one thread pool.
Result<std::unique_ptr<Device>> open_onnx(const OpenOptions& options);

}  // namespace npu::device
