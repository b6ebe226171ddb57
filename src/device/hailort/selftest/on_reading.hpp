// How a hardware check tells what it has found so far.
#pragma once

#include <functional>
#include <string_view>

#include <boost/json.hpp>

namespace npu::device::hailort::selftest {

// Called on the thread of the check for each reading as it is taken, so that those of a check that
// then hangs are not lost. A name that comes again replaces its value.
using OnReading = std::function<void(std::string_view name, const boost::json::value& reading)>;

}  // namespace npu::device::hailort::selftest
