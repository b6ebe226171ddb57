// The simulated chip, as a device and its models share it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "device/device.hpp"
#include "device/sim/chip_state.hpp"
#include "device/sim/fault.hpp"
#include "device/sim/profile.hpp"

namespace npu::device::sim {

inline tl::unexpected<Error> cancelled() { return fail(ErrorCode::kCancelled, "cancelled"); }

struct SimChip {
  Profile profile;
  const Clock* clock = nullptr;
  std::unique_ptr<ChipState> state;
  std::unique_ptr<FaultInjector> faults;

  // Models of one file share what they left on the chip: with group_release an unloaded model
  // keeps its memory until the group is released, and loading the file again costs none.
  struct Residue {
    std::uint64_t bytes = 0;
    int live = 0;
    int reserved = 0;
  };
  std::map<std::string, Residue, std::less<>> residues;

  // The next run was there when the last one ended: up to this time it follows without a token
  // in between, as runs in the chip's own queue do.
  SteadyTime follows_until{};

  // Applies the fault that is due; what a wrong output is to be goes to `wrong`, for the caller.
  Status enter(FaultOp op, std::string_view stem, RunContext* context,
               std::optional<WrongValue>* wrong);
};

}  // namespace npu::device::sim
