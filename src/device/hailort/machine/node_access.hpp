// Why this process cannot open the device's node.
#pragma once

#include <string>

#include "device/hailort/machine/machine.hpp"

namespace npu::device::hailort {

// Names the node that is absent or that this user may not open, to whom it belongs, and what to do;
// empty where there is nothing to be said against them.
std::string node_trouble(const Roots& roots);

}  // namespace npu::device::hailort
