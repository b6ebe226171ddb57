#include "device/sim/sim_chip.hpp"

#include <fmt/format.h>

#include "device/sim/trespass.hpp"

namespace npu::device::sim {

Status SimChip::enter(FaultOp op, std::string_view stem, RunContext* context,
                      std::optional<WrongValue>* wrong) {
  const auto fault = faults->due(op, stem);
  if (!fault) return {};
  switch (fault->kind) {
    case FaultKind::kHang: hang();
    case FaultKind::kCrash: crash();
    case FaultKind::kSlow:
      if (context != nullptr && !context->wait_until(clock->now() + fault->delay))
        return cancelled();
      return {};
    case FaultKind::kOutOfMemory:
      return fail(ErrorCode::kDoesNotFit, "the simulated device is out of memory");
    case FaultKind::kDeviceLost:
    case FaultKind::kRestart:
    case FaultKind::kRestartHang:
      return fail(ErrorCode::kDeviceLost, "the simulated device is gone");
    case FaultKind::kWrongOutput:
      if (wrong != nullptr) *wrong = fault->value;
      return {};
    case FaultKind::kTrespass: return trespass(fault->attempt);
    case FaultKind::kError:
    case FaultKind::kStatus:
    case FaultKind::kNoReply:
    case FaultKind::kSpuriousTimeout:
      return op == FaultOp::kLoad ? fail(ErrorCode::kMalformed,
                                         fmt::format("{} is not a model of this device", stem))
                                  : fail(ErrorCode::kInternal, "the simulated device failed");
  }
  return {};
}

}  // namespace npu::device::sim
