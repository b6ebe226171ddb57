// An inference, from the order to the result.
#pragma once

#include <optional>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "families/family.hpp"
#include "tensor/shared_memory.hpp"
#include "wire/worker_messages.hpp"
#include "worker/link.hpp"
#include "worker/output_area.hpp"
#include "worker/region_table.hpp"

namespace npu::worker {

// Of an order that lives longer.
struct InferJob {
  const wire::order::Infer& order;
  const boost::json::object& input;
  // An error where its region could not be mapped.
  Result<std::optional<OutputArea::Output>> output;
};

// kInternal where it names memory that does not exist.
Result<InferJob> infer_job(const wire::order::Infer& order, const boost::json::object& input,
                           const RegionTable& regions);

struct Inferred {
  boost::json::value result;
  double milliseconds = 0;
  OutputArea::Finished output;
};

// Events go to the link while the model runs.
Result<Inferred> run_infer(const InferJob& job, families::FamilyModel& model,
                           const RegionTable& regions, Link& link, device::RunContext& context);

}  // namespace npu::worker
