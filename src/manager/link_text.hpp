// The messages of src/wire/worker_link.md as text, and the fields of those that come back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "broker/types.hpp"
#include "device/device.hpp"
#include "manager/work.hpp"

namespace npu::manager {

struct LinkOutput {
  RegionNumber region = 0;
  std::size_t offset = 0;
  std::size_t size = 0;
  bool strict = false;
};

std::string link_load(broker::JobId job, const broker::ModelSpec& model, const LoadOrder& order);
// input: serialised JSON.
std::string link_infer(broker::JobId job, std::string_view key, std::string_view input, bool stream,
                       Priority priority, const std::optional<LinkOutput>& output);
std::string link_unload(broker::JobId job, std::string_view key);

// Fields of a message; a missing or wrong one is "", 0 or empty.
std::string_view text_at(const boost::json::object& message, std::string_view name);
std::uint64_t number_at(const boost::json::object& message, std::string_view name);
std::optional<double> real_at(const boost::json::object& message, std::string_view name);
// The object {"code","message"} under name.
Error error_at(const boost::json::object& message, std::string_view name);

device::DeviceInfo device_info_of(const boost::json::object& ready);
device::Telemetry telemetry_of(const boost::json::object& done);
broker::LoadedInfo loaded_info_of(const boost::json::object& done);

}  // namespace npu::manager
