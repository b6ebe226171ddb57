// Plugin::check: asks the chip one question.
#pragma once

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/hailort/selftest/on_reading.hpp"

namespace npu::device::hailort::selftest {

Result<boost::json::object> run_check(int number, const boost::json::object& options,
                                      const OnReading& on_reading);

}  // namespace npu::device::hailort::selftest
