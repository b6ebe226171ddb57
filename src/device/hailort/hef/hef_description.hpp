// What only HailoRT's text about a HEF says, taken out of it.
#pragma once

#include <string>

#include <boost/json.hpp>

namespace npu::device::hailort {

// text: of Hef::get_description, with virtual streams. {"compiler": "5.2.0" or null, "operations":
// [{"operation": "YOLOV8", "Score threshold": "0.200", ...}]}, with the names and values of the
// text.
boost::json::object read_description(const std::string& text);

}  // namespace npu::device::hailort
