// Which programs have the device open, from /proc.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "device/hailort/machine/machine.hpp"

namespace npu::device::hailort {

struct Holder {
  pid_t pid = 0;
  std::string name;  // of the program
};
// Processes other than `self`, and than others of the same program, that have one of the nodes
// open. Needs to be allowed to look into them.
std::vector<Holder> holders(const Roots& roots, std::span<const DeviceNode> nodes, pid_t self);
// "hailo-ollama (812), python3 (99)"; empty where there is none.
std::string describe(std::span<const Holder> holders);

}  // namespace npu::device::hailort
