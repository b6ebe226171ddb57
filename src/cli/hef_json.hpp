// What a HEF file says of itself as the object of `hailoctl --json inspect`, with the keys that
// HailoRT's reading of it has (device/hailort/hef/hef_summary.hpp).
#pragma once

#include <boost/json.hpp>

#include "store/hef_content.hpp"

namespace npu::cli {

// architectures, chip_number, kind, compiler, lora, resources, operations and groups.
boost::json::object hef_json(const store::HefContent& content);

}  // namespace npu::cli
