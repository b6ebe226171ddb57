// The `infer` message.
#pragma once

#include <optional>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "families/family.hpp"
#include "tensor/shared_memory.hpp"
#include "worker/link.hpp"
#include "worker/output_area.hpp"
#include "worker/region_table.hpp"

namespace npu::worker {

struct InferJob {
  JobId job = 0;
  std::string_view model;                      // into the message
  const boost::json::object* input = nullptr;  // into the message
  bool stream = false;
  Priority priority = Priority::kInteractive;
  // An error where its region could not be mapped.
  Result<std::optional<OutputArea::Output>> output = std::nullopt;
};

// kMalformed where the message is not one, kInternal where it names memory that does not exist.
Result<InferJob> parse_infer(const boost::json::object& message, const RegionTable& regions);

struct Inferred {
  boost::json::value result;
  double milliseconds = 0;
  OutputArea::Finished output;
};

// Events go to the link while the model runs.
Result<Inferred> run_infer(const InferJob& job, families::FamilyModel& model,
                           const RegionTable& regions, Link& link, device::RunContext& context);

}  // namespace npu::worker
