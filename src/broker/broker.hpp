// The broker: decides what runs next, what stays resident and what is refused. Pure policy.
//
// One sequence calls everything; nothing blocks; time comes from the injected Clock and from
// on_timer(). The owner calls on_timer() no later than next_timer() says.
//
// It connects three parts that hold what there is and know nothing of each other:
//
//   RequestQueue    the requests: who waits, in which order they get their turn
//   Residency       the models: how far each is, what memory they take, who keeps them
//   LaneController  the lanes: their workers, what these were given, how long that may take
//
// Beside them Admission decides whether a wanted model can be loaded now, and ModelHistory and
// Quarantine remember what was learnt of models.
//
// Every public function changes something and then calls settle(), which does all that can be done
// now: admits wanted models, hands work to lanes, starts lanes. Outcomes are collected and
// delivered by flush(), last, so that a ReplySink sees a settled broker.
//
//   submit ──> queued ──> (load its model) ──> running ──> completed
//                │ cancel, deadline, client gone: completed with a typed error
//                ├ its own limit passed: completed with kDeadlineExceeded, and never repeated
//                └ lane lost: once more if no output was produced, else completed with kDeviceLost
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/admission.hpp"
#include "broker/lane_controller.hpp"
#include "broker/lane_reports.hpp"
#include "broker/model_history.hpp"
#include "broker/options.hpp"
#include "broker/quarantine.hpp"
#include "broker/request_queue.hpp"
#include "broker/residency.hpp"
#include "broker/snapshot.hpp"
#include "broker/types.hpp"

namespace npu::broker {

class Broker final : public LaneReports {
 public:
  Broker(Options options, const Clock& clock, LanePort& lanes, ReplySink& replies);
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // Refuses with an Error (kQuotaExceeded, kOverloaded with retry_after, kDoesNotFit,
  // kDeadlineExceeded, kUnavailable while draining or for a model in quarantine), else takes the
  // request; its outcome comes through ReplySink::completed, never from inside submit.
  Result<RequestId> submit(Request request);

  // False if the request is unknown or already complete. Queued work completes with kCancelled at
  // once. A running generation is aborted; other running work finishes and its result is dropped;
  // both complete with kCancelled at once, as far as the client is concerned.
  bool cancel(RequestId request);
  // Cancels everything of a connection. Nothing is delivered for it any more.
  void connection_gone(ConnectionId connection);

  // Device facts become known when the first worker is up.
  void set_memory(std::uint64_t bytes, bool group_release);

  // Has some running lane read its device, unless that is under way or has lately cost a worker.
  void ask_telemetry();

  std::optional<SteadyTime> next_timer() const;
  void on_timer();

  Snapshot snapshot() const;

  // Refuses new work from now on; what is queued and running goes on. idle() tells when it is done.
  void drain();
  bool idle() const;

  // LaneReports
  void loaded(JobId job, Result<LoadedInfo> result) override;
  void progressed(JobId job) override;
  void event(JobId job, InferEvent&& event) override;
  void inferred(JobId job, Result<std::shared_ptr<InferResult>> result) override;
  void unloaded(JobId job, Status result) override;
  void telemetry_read(JobId job) override;
  void up(Lane lane, std::size_t runs_at_once) override;
  void lost(Lane lane, const Error& why) override;
  void stuck(Lane lane, const std::string& reason) override;

 private:
  struct Reply {
    RequestId id = 0;
    Request request;
    Outcome outcome;
  };

  // broker.cpp
  Status check(const Request& request) const;
  Status may_unload(const Request& request) const;
  void enqueue(const Entry& entry);
  void take_unload(const Entry& entry, const Model& model);
  void finish(const Entry& entry, Outcome outcome);
  void fail_all(const std::vector<RequestId>& requests, const Error& error,
                bool during_load = false);
  void drop(RequestId request, const Error& error, bool deliver);
  Millis retry_after(Lane lane) const;
  void flush();

  // broker_dispatch.cpp
  void settle();
  bool hand_over(Lane lane);
  bool is_suspect(const Entry& entry) const;
  bool is_suspect(const Model& model) const;
  bool may_load(Lane lane) const;
  bool serve(Pick pick);
  bool is_hopeless(const Entry& entry, const Model& model) const;
  void hand_infer(const Entry& entry, const Model& model, Pick pick);
  void hand_load(const Model& model);
  bool restore_one(Lane lane);
  bool needs_worker(Lane lane) const;
  bool is_in_use(Lane lane) const;

  // broker_models.cpp
  bool admit_wanted();
  bool follow(const Plan& plan, const Model& wanted);
  void unpark_usable();
  void refuse_load(const Model& model, const Plan& plan);
  void fail_waiting(const Model& model, const Error& error);
  void complete_load(const Entry& entry, const Model& model, bool was_there);
  void unload_if_asked(const Model& model);
  void model_gone(const Model& model, bool returns, const Status& unload_result = {});
  bool release_group(const Plan& plan, const Model& wanted);
  void after_release(GroupRelease::End end);

  // broker_losses.cpp
  void lose(LostJob& lost);
  void lose_infer(const LostJob& lost);
  void lose_load(const LostJob& lost);
  void strike(const ModelSpec& model, const Incident& by, bool certain);
  void suspect_unrepeated(const Entry& entry);
  void forget_lost(Lane lane);

  const Options options_;
  const Clock& clock_;
  ReplySink& sink_;

  ModelHistory history_;
  Quarantine quarantine_;
  Residency residency_;
  LeastRecentlyUsed choice_;
  Admission admission_;
  RequestQueue queue_;    // after residency_: what they hold of models
  LaneController lanes_;  // ends before the records
  std::optional<SteadyTime> admit_again_;
  std::deque<Reply> outbox_;
  bool draining_ = false;
  std::uint64_t retries_ = 0;
};

}  // namespace npu::broker
