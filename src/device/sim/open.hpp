// A simulated accelerator, described by a profile (README.md).
#pragma once

#include <memory>

#include <npu/result.hpp>

#include "device/registry.hpp"

namespace npu::device {

// The profile and the state; as long as it runs, no file but that with the faults, if there is one.
confine::Rules sim_needs(const OpenOptions& options);

// Uses OpenOptions::sim_profile, sim_state and clock. kInvalidArgument says what is wrong with the
// profile, with its line.
Result<std::unique_ptr<Device>> open_sim(const OpenOptions& options);

}  // namespace npu::device
