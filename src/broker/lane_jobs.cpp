#include "broker/lane_jobs.hpp"

#include <algorithm>
#include <utility>

namespace npu::broker {

bool LaneJobs::contains(Job::Kind kind) const {
  return std::ranges::any_of(jobs_, [kind](const Job& job) { return job.kind() == kind; });
}

bool LaneJobs::has_work() const {
  return std::ranges::any_of(jobs_,
                             [](const Job& job) { return job.kind() != Job::Kind::kTelemetry; });
}

bool LaneJobs::runs_alone() const { return std::ranges::any_of(jobs_, &Job::alone); }

void LaneJobs::add(Job job) {
  jobs_.push_back(std::move(job));
  begin_what_can();
}

Job* LaneJobs::find(JobId job) {
  const auto found = std::ranges::find(jobs_, job, &Job::id);
  return found == jobs_.end() ? nullptr : &*found;
}

const Job* LaneJobs::find(JobId job) const {
  const auto found = std::ranges::find(jobs_, job, &Job::id);
  return found == jobs_.end() ? nullptr : &*found;
}

Job* LaneJobs::find_of(RequestId request) {
  const auto found = std::ranges::find(jobs_, std::optional(request), &Job::request);
  return found == jobs_.end() ? nullptr : &*found;
}

std::optional<Job> LaneJobs::take(JobId job) {
  const auto found = std::ranges::find(jobs_, job, &Job::id);
  if (found == jobs_.end()) return std::nullopt;
  std::optional<Job> taken(std::move(*found));
  jobs_.erase(found);
  begin_what_can();
  return taken;
}

std::vector<Job> LaneJobs::take_all() { return std::exchange(jobs_, {}); }

void LaneJobs::begin_what_can() {
  std::size_t running = 0;
  for (Job& job : jobs_) {
    const bool company = job.has_company(runs_at_once_);
    if (running == runs_at_once_ || (!company && running > 0)) return;
    job.begin(clock_.now());
    if (!company) return;
    ++running;
  }
}

}  // namespace npu::broker
