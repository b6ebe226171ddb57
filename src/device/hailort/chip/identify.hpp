// Which chip there is, and whether it still answers.
#pragma once

#include <cstdint>
#include <string>

#include <npu/result.hpp>

#include "device/hailort/sdk.hpp"

namespace npu::device::hailort {

struct Identity {
  std::string id;            // "0001:01:00.0"
  std::string architecture;  // "HAILO10H"
  hailo_device_architecture_t code = HAILO_ARCH_MAX_ENUM;
  std::string firmware;            // "5.2.0"
  std::uint64_t memory_bytes = 0;  // 0: the chip does not say
};

// The first device that answers. kUnavailable, kVersionMismatch (with the three versions), kBusy as
// Plugin::open says.
Result<Identity> find_chip();

// What to say of this machine beside a status with which opening a device failed; empty where
// nothing of it is the matter.
std::string connect_detail(hailo_status status);

// Opens a connection of its own and asks the device who it is. Takes 5 s at most, whatever hangs:
// then a thread stays behind.
bool chip_answers(const std::string& id);

}  // namespace npu::device::hailort
