// Plugin::inspect: what a HEF file holds, as JSON for `hailoctl inspect`.
#pragma once

#include <string>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::device::hailort {

// Reads the file's description, not its weights; needs no device and no driver.
// docs/reference/hailoctl-inspect.md describes the object. kMalformed for a file that is none, or
// is damaged or cut off, kUnsupported for one that this HailoRT does not take, kNotFound,
// kPermission.
Result<boost::json::object> inspect_hef(const std::string& path);

}  // namespace npu::device::hailort
