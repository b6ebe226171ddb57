// What the hardware checks offer to hailo-device-probe, the only program that opens them, on behalf
// of `hailoctl selftest`.
//
// A shared object of their own beside the adapter, hailort-selftest-<version>.so: a worker needs
// none of them.
#pragma once

#include <span>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/hailort/plugin_head.hpp"
#include "device/hailort/selftest/check_list.hpp"
#include "device/hailort/selftest/on_reading.hpp"

namespace npu::device::hailort::selftest {

inline constexpr const char* kPluginSymbol = "npu_hailort_selftest";

struct Plugin : PluginHead {
  // The questions that there are; those without generative models only skip some.
  std::span<const CheckInfo> (*checks)() = nullptr;

  // Asks one of them, by number from 1. options: those that the check needs; "group_id"; "short":
  // fewer repetitions. Gives {"result": the answer in a sentence, ...the readings}, or
  // {"skipped": why} where this HailoRT has no call for it. An error where the question could not
  // be put. May hang or abort, and may leave threads that hang: the process is to be ended without
  // destructors.
  Result<boost::json::object> (*check)(int number, const boost::json::object& options,
                                       const OnReading& on_reading) = nullptr;
};

}  // namespace npu::device::hailort::selftest
