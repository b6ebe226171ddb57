// What lies in a HEF besides the network: tokenizer, embeddings, and the configuration of a
// generative model.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/hailort/sdk.hpp"

namespace npu::device::hailort {

// Names of the resources; none before HailoRT 5.1.
std::vector<std::string> hef_resources(const sdk::Hef& hef);

// hailo-config.json. kNotFound without one; kUnsupported where this HailoRT has no call for it.
//
// Hef::get_external_resources() would be the obvious call, and fails for a Hef made from a path
// (HAILO_NOT_SUPPORTED, up to 5.3 at least), while a Hef made from memory needs all of the file
// there.
Result<boost::json::object> hef_config(const std::string& path);

}  // namespace npu::device::hailort
