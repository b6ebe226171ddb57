// What the lanes report to the broker: the answers to the orders of LanePort, and how workers are.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "broker/types.hpp"

namespace npu::broker {

// Called by whoever runs the lanes, never from inside a call to LanePort. A job that the broker
// does not know any more is ignored.
class LaneReports {
 public:
  virtual ~LaneReports() = default;

  virtual void loaded(JobId job, Result<LoadedInfo> result) = 0;
  virtual void progressed(JobId job) = 0;  // a piece of the job is done: its watchdog begins anew
  virtual void event(JobId job, InferEvent&& event) = 0;  // as progressed(), for the client
  virtual void inferred(JobId job, Result<std::shared_ptr<InferResult>> result) = 0;
  virtual void unloaded(JobId job, Status result) = 0;  // unload and release_group
  virtual void telemetry_read(JobId job) = 0;

  // runs_at_once: how many inferences the lane's worker has under way together.
  virtual void up(Lane lane, std::size_t runs_at_once) = 0;
  // why: kUnavailable, kBusy, kVersionMismatch or kUnsupported where the worker did not come up
  // because it could not open its device.
  virtual void lost(Lane lane, const Error& why) = 0;
  // The worker was killed and does not end. lost() follows if it ever does.
  virtual void stuck(Lane lane, const std::string& reason) = 0;
};

}  // namespace npu::broker
