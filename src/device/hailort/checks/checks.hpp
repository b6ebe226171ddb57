// Plugin::check: asks the chip one question.
#pragma once

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/hailort/checks/on_reading.hpp"

namespace npu::device::hailort {

// number: of list.hpp. options: those that the check needs; "group_id"; "short": fewer repetitions.
// Gives {"result": the answer in a sentence, ...the readings}, or {"skipped": why} where this
// HailoRT has no call for it. An error where the question could not be put. May hang, and may leave
// threads that hang: the process is to be ended without destructors.
Result<boost::json::object> run_check(int number, const boost::json::object& options,
                                      const OnReading& on_reading);

}  // namespace npu::device::hailort
