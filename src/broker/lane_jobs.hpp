// The jobs of one lane, in its order: it works on the first, or on as many inferences, a load among
// them, as its worker runs at once from the first one on.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "broker/job.hpp"

namespace npu::broker {

class LaneJobs {
 public:
  explicit LaneJobs(const Clock& clock) : clock_(clock) {}

  std::size_t runs_at_once() const { return runs_at_once_; }
  void set_runs_at_once(std::size_t count) { runs_at_once_ = count > 0 ? count : 1; }

  std::span<const Job> all() const { return jobs_; }
  std::size_t size() const { return jobs_.size(); }
  bool empty() const { return jobs_.empty(); }
  bool contains(Job::Kind kind) const;
  bool has_work() const;    // more than a reading of the device
  bool runs_alone() const;  // one of them does

  void add(Job job);
  Job* find(JobId job);
  const Job* find(JobId job) const;
  Job* find_of(RequestId request);
  std::optional<Job> take(JobId job);
  std::vector<Job> take_all();

 private:
  void begin_what_can();

  const Clock& clock_;
  std::size_t runs_at_once_ = 1;
  std::vector<Job> jobs_;
};

}  // namespace npu::broker
