// The worker's messages to the manager as JSON text.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "worker/link.hpp"

namespace npu::worker {

std::string ready_message(const device::DeviceInfo& info);
std::string failed_message(const Error& error);
std::string lost_message(const Error& error);
std::string done_message(JobId job);
std::string error_message(JobId job, const Error& error);
std::string region_failed_message(std::uint64_t region, const Error& error);
std::string loaded_message(JobId job, std::uint64_t memory_bytes, const boost::json::object& info);
std::string event_message(JobId job, const boost::json::object& event);
std::string progress_message(JobId job);
// region_bytes: size of the attached region, 0 for none.
std::string inferred_message(JobId job, const boost::json::value& result, double milliseconds,
                             std::size_t output_bytes, std::size_t region_bytes);
std::string telemetry_message(JobId job, const device::Telemetry& readings);

}  // namespace npu::worker
