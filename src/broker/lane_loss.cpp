#include "broker/lane_loss.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace npu::broker {
namespace {

std::string_view limit_of(const Job& job) {
  if (job.kind() == Job::Kind::kLoad) return "policy.load_timeout";
  return job.lane() == Lane::kGeneration ? "policy.generation_timeout" : "policy.infer_timeout";
}

// What our own limit has ended is not repeated, or it would take the device from others once more.
// But a language or speech model that was sent to the NPU may be late by no fault of its own
// (docs/adr/0040).
bool is_final(const Job& job) {
  return job.overdue() && (job.kind() != Job::Kind::kLoad || job.lane() == Lane::kVision);
}

Error limit_passed(const Job& job) {
  return {ErrorCode::kDeadlineExceeded,
          fmt::format("no answer for {:g} s ({}): the {} worker was ended",
                      std::chrono::duration<double>(*job.overdue()).count(), limit_of(job),
                      name_of(job.lane()))};
}

}  // namespace

std::vector<LostJob> lost_jobs(std::vector<Job> jobs, const Error& why, SteadyTime now) {
  const bool by_limit = std::ranges::any_of(jobs, [](const Job& job) {
    return job.overdue().has_value();  // that one is to blame and no other
  });
  const auto running = std::ranges::count_if(
      jobs, [](const Job& job) { return job.has_begun() && job.kind() != Job::Kind::kTelemetry; });
  std::vector<LostJob> lost;
  lost.reserve(jobs.size());
  for (Job& job : jobs) {
    const bool may_be_late = job.kind() == Job::Kind::kLoad && job.overdue();
    const bool blamed = job.has_begun() && (!by_limit || may_be_late);
    Error told = job.overdue() ? limit_passed(job) : why;
    Incident incident{told.message, job.overdue().value_or(job.ran(now))};
    const bool final = is_final(job);
    const Duration ran = job.ran(now);
    lost.push_back({std::move(job), blamed, blamed && running == 1, final, std::move(told), ran,
                    std::move(incident)});
  }
  return lost;
}

}  // namespace npu::broker
