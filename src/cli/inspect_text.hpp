// What a HEF file holds, for people.
#pragma once

#include <string>

#include <boost/json.hpp>

namespace npu::cli {

// The object of `hailoctl --json inspect`; docs/reference/hailoctl-inspect.md describes it.
std::string describe_inspection(const boost::json::object& file);

}  // namespace npu::cli
