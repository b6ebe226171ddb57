// What a device is, and what it reads of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace npu::device {

struct DeviceInfo {
  std::string kind;  // "onnx", "sim", "hailort"
  std::string id;    // how the device names itself: "cpu", "sim:hailo10h", "0001:01:00.0"
  std::string architecture;
  std::string firmware;
  std::uint64_t memory_bytes = 0;  // what models may use
  // True where memory comes back only when everything on the device is dropped at once.
  bool group_release = false;
  // How many calls of TensorModel::run are worth having under way together.
  int runs_at_once = 1;
  // How far its worker has confined itself: "files and system calls" (confine/confine.hpp).
  std::string confinement;
};

struct Telemetry {
  std::optional<double> temperature_celsius;
  std::optional<std::uint64_t> memory_used_bytes;
  std::optional<std::uint64_t> memory_total_bytes;
  std::optional<double> utilisation;  // of the accelerator, 0..1
};

}  // namespace npu::device
