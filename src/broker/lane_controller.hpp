// Holds the lanes: whether their workers run, what they were given, how long an answer may take.
//
// It gives the orders to the LanePort and says what an answer or a loss ends. What that means for
// requests and models is the broker's business; nothing here calls back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "broker/group_release.hpp"
#include "broker/job.hpp"
#include "broker/lane_health.hpp"
#include "broker/lane_jobs.hpp"
#include "broker/lane_loss.hpp"
#include "broker/types.hpp"

namespace npu::broker {

class LaneController {
 public:
  struct Bounds {
    std::size_t in_flight = 2;  // of them one waits, on a lane that runs one at once
    Duration load_watchdog{};
    Duration infer_watchdog{};
    Duration generation_watchdog{};
    Duration idle_lane{};    // unused for so long, a worker ends
    Duration device_wait{};  // LaneHealth::set_longest_wait()
  };
  LaneController(const Bounds& bounds, const Clock& clock, LanePort& port);

  // The worker of a lane.
  const LaneHealth& health(Lane lane) const { return at(lane).health; }
  const LaneJobs& jobs(Lane lane) const { return at(lane).jobs; }
  bool takes_more(Lane lane) const;  // is up, has fewer jobs than it may, and none to run alone
  bool has_place(Lane lane) const {  // is up, and has fewer jobs than it may
    return at(lane).health.up() && jobs(lane).size() < depth(lane);
  }
  bool nothing_in_flight() const;
  bool loads_anywhere() const;
  bool works() const;  // on more than a reading of the device, and the worker is not stuck
  bool any_stuck() const;
  std::uint64_t restarts() const { return restarts_; }  // of workers that replaced a lost one
  std::optional<std::string> broken() const;  // what is wrong with a lane, while that lasts
  // Why work for the lane is refused now, if it is; and why it has to give up what waits.
  std::optional<Error> refusal(Lane lane) const;
  Error why_not(Lane lane) const;

  // Work waits for the lane: it may be started sooner for that.
  void wanted(Lane lane) { at(lane).health.wanted(); }
  // Starts a worker that is needed and may be started by now.
  void start_if_due(Lane lane, bool needed);
  // Since when a running worker is good for nothing is counted from the first call without need.
  void note_need(Lane lane, bool needed);
  void came_up(Lane lane, std::size_t runs_at_once);
  // Returns false if the worker was gone already.
  bool stuck(Lane lane, const std::string& reason);
  // None if it was gone already.
  std::optional<LaneLoss> lost(Lane lane, const Error& why);

  // Orders. alone: nothing else is given to the lane before the answer.
  void load(const Model& model, bool alone);
  void infer(const Request& request, Job::Inference inference, bool alone);
  void unload(const Model& model);
  // Has some running lane read its device, unless that is under way or has lately cost a worker.
  void ask_telemetry();

  // Answers. None for a job that is not known any more.
  std::optional<Job> finish(JobId job);
  void progressed(JobId job);
  const Job* find(JobId job) const;
  // A request ends without its inference, whose work the lane may still use. The lane is asked to
  // end it early. Returns how long it has been running.
  Duration abandon(RequestId request, std::shared_ptr<InferWork> work);
  // As abandon(), where nobody listens any more.
  void detach(RequestId request, std::shared_ptr<InferWork> work);

  // The release of the device's group. First nothing new goes to the lanes: those that give answers
  // after seconds end theirs first, and vision goes on until then. True once nothing is in flight.
  bool empty_for_release();
  GroupRelease::End begin_release();
  GroupRelease::End release_ended(JobId part, bool released);
  bool releasing() const { return release_.under_way(); }
  bool is_held(Lane lane) const { return releasing() || at(lane).held; }
  void hold_none();

  // lane_watchdogs.cpp
  std::optional<SteadyTime> next_timer(Lane lane, bool needed) const;
  // Ends workers that give no answer in time, and those that nobody has needed for long.
  void kill_hung();
  void retire_unused();

 private:
  struct LaneState {
    explicit LaneState(const Clock& clock) : jobs(clock) {}
    LaneHealth health;
    LaneJobs jobs;
    bool held = false;  // gets nothing new, until the group was released
    std::optional<SteadyTime> unused_since;
  };
  LaneState& at(Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  const LaneState& at(Lane lane) const { return lanes_[static_cast<std::size_t>(lane)]; }
  std::size_t depth(Lane lane) const;
  Job* find_job(JobId job);
  Job* find_job_of(RequestId request);
  void add(Job job) { at(job.lane()).jobs.add(std::move(job)); }
  std::optional<SteadyTime> watchdog(const Job& job) const;
  Error cannot_start(Lane lane, Error why) const;

  const Bounds bounds_;
  const Clock& clock_;
  LanePort& port_;
  std::array<LaneState, kLanes.size()> lanes_;
  JobId last_job_ = 0;
  GroupRelease release_;
  SteadyTime telemetry_after_{};
  std::uint64_t restarts_ = 0;
};

}  // namespace npu::broker
