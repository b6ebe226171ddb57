// The `load` message.
#pragma once

#include <memory>
#include <string>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "families/family.hpp"
#include "worker/link.hpp"

namespace npu::worker {

struct LoadJob {
  JobId job = 0;
  std::string model;  // the manager's key
  std::string type;
  families::LoadRequest request;
  bool with_descriptor = false;  // files[0] came as a descriptor
};

// kMalformed where the message is not one.
Result<LoadJob> parse_load(const boost::json::object& message);

struct LoadedModel {
  std::unique_ptr<families::FamilyModel> model;
  std::uint64_t memory_bytes = 0;  // what the device's readings grew by, 0 if it has none
};

Result<LoadedModel> run_load(const LoadJob& job, device::Device& device,
                             device::RunContext& context);

}  // namespace npu::worker
