// The inside of the Broker. Its functions lie in broker_<concern>.cpp.
//
// Every public function changes some records and then calls settle(), which does all that can be
// done now: admits wanted models, hands work to lanes, starts lanes. Outcomes are collected and
// delivered by flush(), last, so that a ReplySink sees a settled broker.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/admission.hpp"
#include "broker/broker.hpp"
#include "broker/lane_work.hpp"
#include "broker/request_table.hpp"

namespace npu::broker {

// Of the device's group, in progress.
struct GroupRelease {
  std::set<JobId> pending;
  bool complete = true;  // no lane failed to do its part
};

// How a worker was lost.
struct Loss {
  bool by_limit = false;  // killed because a job was overdue: no other one is to blame
  bool alone = false;     // one job was running, so that it may be blamed
};

class Broker::Impl {
 public:
  Impl(Options options, const Clock& clock, LanePort& port, ReplySink& replies);

  // broker_intake.cpp
  Result<RequestId> submit(Request request);
  bool cancel(RequestId request);
  void connection_gone(ConnectionId connection);

  // broker_jobs.cpp
  void on_loaded(JobId job, Result<LoadedInfo> result);
  void on_progress(JobId job);
  void on_event(JobId job);
  void on_inferred(JobId job, Result<std::shared_ptr<void>> result);
  void on_unloaded(JobId job, Status result);
  void on_telemetry(JobId job);
  std::optional<RequestId> request_of(JobId job) const;

  // broker_lanes.cpp
  void on_lane_up(Lane lane, std::size_t runs_at_once);
  void on_lane_lost(Lane lane, const Error& why);
  void on_lane_stuck(Lane lane, const std::string& reason);

  // broker_dispatch.cpp
  void ask_telemetry();

  // broker_time.cpp
  std::optional<SteadyTime> next_timer() const;
  void on_timer();

  // broker_status.cpp
  Snapshot snapshot() const;
  bool idle() const;
  void drain();
  void set_memory(std::uint64_t bytes, bool group_release);

 private:
  struct Reply {
    RequestId id = 0;
    Request request;
    Outcome outcome;
  };

  // broker_intake.cpp
  Status check(const Request& request) const;
  void take_unload(Entry& entry, Model& model);
  void enqueue(Entry& entry);
  void leave_queue(Entry& entry);
  void finish(Entry& entry, Outcome outcome);
  void fail_entry(RequestId request, const Error& error, bool during_load = false);
  void drop(Entry& entry, const Error& error, bool deliver);
  void detach_job(Entry& entry);
  Millis retry_after(Lane lane) const;
  void flush();

  // broker_dispatch.cpp
  void settle();
  bool hand_over(Lane lane);
  std::optional<Pick> next_for(Lane lane);
  bool is_suspect(const Entry& entry) const;
  bool is_suspect(const Model& model) const;
  bool runs_suspect(Lane lane) const;
  bool may_load(Lane lane) const;
  bool serve(const Pick& pick);
  bool is_hopeless(const Entry& entry, const Model& model) const;
  void park(Entry& entry, Model& model);
  void queue(Entry& entry, Lane which);
  void unpark(Model& model);
  void unpark_usable();
  void hand_infer(Entry& entry, Model& model, const Pick& pick);
  void hand_load(Model& model);
  void hand_unload(Model& model);
  Job& new_job(Job::Kind kind, Lane lane, Model* model);
  bool restore_one(Lane lane);
  void start_lanes();

  // broker_models.cpp
  void want(Model& model, Priority rank);
  bool admit_wanted();
  bool follow(const Plan& plan, Model& wanted);
  void refuse_load(Model& model, const Plan& plan);
  void fail_waiting(Model& model, const Error& error);
  void evict(Model& victim, const Model& beneficiary);
  void count_eviction(const Model& victim, const Model& beneficiary);
  void start_unload(Model& model);
  void unload_if_asked(Model& model);
  void model_gone(Model& model, bool returns, const Status& unload_result = {});
  bool is_group_stuck() const;
  bool release_group(const Plan& plan, Model& wanted);
  void end_release(JobId job, bool released);
  void group_released();
  void complete_load(Entry& entry, Model& model, bool was_there);

  // broker_users.cpp
  Status may_unload(const Request& request) const;
  Status may_pin(const Request& request) const;
  Status apply_wishes(Model& model, const Request& request);
  void end_pins(ConnectionId connection);

  // broker_jobs.cpp
  std::optional<Job> take_job(JobId job);
  void jobs_begin(Lane lane);

  // broker_lanes.cpp
  void lose_all(Lane lane, const std::string& reason, bool models_return);
  Loss loss_of(const LaneWork& work) const;
  void lose_job(Job& job, const Error& error, const Loss& loss);
  void lose_infer(Job& job, const Error& error, const Loss& loss);
  void lose_load(Job& job, const Error& error, const Loss& loss);
  Incident incident(const Job& job, const std::string& why) const;
  void strike(const ModelSpec& model, const Incident& by, bool certain);
  void suspect_unrepeated(const Entry& entry);
  Error cannot_start(Lane lane, Error why) const;
  void give_up(Lane lane);
  void forget_lost(Lane lane);
  void fail_lane(Lane lane, const Error& error);
  std::vector<Model*> models_of(Lane lane);
  void note_use(Lane lane);

  // broker_time.cpp
  std::optional<SteadyTime> watchdog(const Job& job) const;
  void kill_hung();
  void expire_models();
  void retire_lanes();
  bool starts_when_possible(const LaneWork& lane, Lane which) const;

  LaneWork& lane(Lane which) { return lanes_[static_cast<std::size_t>(which)]; }
  const LaneWork& lane(Lane which) const { return lanes_[static_cast<std::size_t>(which)]; }
  std::size_t depth(Lane which) const;
  bool has_work(Lane which) const;
  bool nothing_in_flight() const { return jobs_.empty(); }

  const Options options_;
  const Clock& clock_;
  LanePort& port_;
  ReplySink& sink_;

  RequestTable requests_;
  ModelHistory history_;
  Quarantine quarantine_;
  Residency residency_;
  LeastRecentlyUsed choice_;
  Admission admission_;
  std::array<LaneWork, kLanes.size()> lanes_;
  std::map<JobId, Job> jobs_;  // after residency_: leases end before the records
  JobId last_job_ = 0;

  std::vector<Model*> wanted_;  // in kWanted
  std::optional<SteadyTime> admit_again_;
  SteadyTime telemetry_after_{};
  std::optional<GroupRelease> release_;
  std::deque<Reply> outbox_;
  bool draining_ = false;
  std::uint64_t evictions_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t lane_restarts_ = 0;
  std::uint64_t admissions_ = 0;
  std::optional<CapacityEvent> capacity_event_;
};

}  // namespace npu::broker
