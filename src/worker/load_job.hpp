// A load, from the order to the model.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "device/device.hpp"
#include "families/family.hpp"
#include "wire/worker_messages.hpp"

namespace npu::worker {

struct LoadJob {
  LoadJob(const wire::order::Load& load, const boost::json::object& params);

  const wire::order::Load& order;
  families::LoadRequest request;  // its files are the order's, with descriptors once they are given
};

// Gives each opened file its descriptor; they are borrowed. kMalformed where the numbers differ.
Status use_descriptors(LoadJob& job, std::span<const UniqueFd> descriptors);

struct LoadedModel {
  std::unique_ptr<families::FamilyModel> model;
  std::uint64_t memory_bytes = 0;  // what the device's readings grew by, 0 if it has none
};

// kMalformed too where a file was changed since the manager opened it.
Result<LoadedModel> run_load(const LoadJob& job, device::Device& device,
                             device::RunContext& context);

}  // namespace npu::worker
