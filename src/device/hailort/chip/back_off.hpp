// Trying again while the device is held by somebody else.
#pragma once

#include <array>
#include <chrono>
#include <utility>

#include <npu/result.hpp>

#include "device/device.hpp"

namespace npu::device::hailort {

// Calls attempt(), which gives a Result, until it gives something else than kBusy: a few times,
// with pauses of 0.5 to 2 s. kCancelled, at once, where the request is cancelled in a pause. A loss
// or a lack of room is the caller's.
template <class Attempt>
auto retry_busy(RunContext& context, Attempt&& attempt) -> decltype(attempt()) {
  using namespace std::chrono_literals;
  constexpr std::array<Duration, 3> kPauses{500ms, 1000ms, 2000ms};
  auto result = attempt();
  for (const Duration pause : kPauses) {
    if (result || result.error().code != ErrorCode::kBusy) break;
    if (!context.wait_until(std::chrono::steady_clock::now() + pause)) {
      return fail(ErrorCode::kCancelled, "cancelled while the device was busy");
    }
    result = attempt();
  }
  return result;
}

}  // namespace npu::device::hailort
