// RunContext of a job: looks at the link for its cancellation. Used with the turn only.
#pragma once

#include "base/clock.hpp"
#include "device/device.hpp"
#include "worker/link.hpp"

namespace npu::worker {

class LinkContext final : public device::RunContext {
 public:
  // Marks the job as a current one until destruction.
  LinkContext(Link& link, JobId job, Priority priority = Priority::kInteractive)
      : link_(link), job_(job), priority_(priority) {
    link_.begin(job);
  }
  ~LinkContext() override { link_.end(job_); }
  LinkContext(const LinkContext&) = delete;
  LinkContext& operator=(const LinkContext&) = delete;

  // Also true when the manager is gone: nobody waits for the result.
  bool cancelled() override;
  // `when` is a time of the system's steady clock.
  bool wait_until(SteadyTime when) override;
  bool another_waits() override { return link_.has_waiting(); }
  // Tells the manager, at most once in kProgressPause.
  void progressed() override;
  // Gives the turn away meanwhile.
  void while_waiting(const std::function<void()>& wait) override;
  Priority priority() const override { return priority_; }

 private:
  static constexpr Duration kProgressPause = std::chrono::milliseconds(250);

  bool over() const { return link_.closed() || link_.cancelled(job_); }

  Link& link_;
  JobId job_;
  Priority priority_;
  SteadyTime told_ = std::chrono::steady_clock::now();
};

}  // namespace npu::worker
