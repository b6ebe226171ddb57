// What the loss of a worker ends, and what is to blame for it.
#pragma once

#include <vector>

#include "broker/job.hpp"
#include "broker/quarantine.hpp"

namespace npu::broker {

struct LostJob {
  Job job;
  bool blamed = false;     // it was running, so that it may have ended the worker
  bool suspected = false;  // and nothing else was
  bool is_final = false;   // ended by our own limit: not to be repeated
  Error why;               // what its request is told
  Duration ran{};
  Incident incident;
};

struct LaneLoss {
  bool unexpected = false;  // the worker had not been ended for want of use
  std::vector<LostJob> jobs;
};

// jobs: all of the lane's, in its order. why: of the loss.
std::vector<LostJob> lost_jobs(std::vector<Job> jobs, const Error& why, SteadyTime now);

}  // namespace npu::broker
