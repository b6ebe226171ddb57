// What devices, files and libraries say, made fit for JSON.
#pragma once

#include <boost/json.hpp>

namespace npu::hailort_probe {

// Names and texts become valid UTF-8, numbers that are not finite become null.
boost::json::value clean(const boost::json::value& value);

}  // namespace npu::hailort_probe
