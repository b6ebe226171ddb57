// ONNX Runtime on the CPU as a device: tensor models only.
#pragma once

#include <memory>

#include <npu/result.hpp>

#include "device/registry.hpp"

namespace npu::device {

// No file: models come as descriptors, and the library opens nothing once it is there.
confine::Rules onnx_needs(const OpenOptions& options);

// Uses OpenOptions::threads. At most one device a process: its models share one thread pool.
Result<std::unique_ptr<Device>> open_onnx(const OpenOptions& options);

}  // namespace npu::device
