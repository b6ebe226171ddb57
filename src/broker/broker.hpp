// The broker: decides what runs next, what stays resident and what is refused. Pure policy.
//
// One sequence calls everything; nothing blocks; time comes from the injected Clock and from
// on_timer(). The owner calls on_timer() no later than next_timer() says.
//
//   submit ──> queued ──> (load its model) ──> running ──> completed
//                │ cancel, deadline, client gone: completed with a typed error
//                ├ its own limit passed: completed with kDeadlineExceeded, and never repeated
//                └ lane lost: once more if no output was produced, else completed with kDeviceLost
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/quarantine.hpp"
#include "broker/types.hpp"

namespace npu::broker {

struct Options {
  std::size_t max_queued = 512;             // requests waiting, all clients; over it kOverloaded
  std::size_t max_queued_per_client = 128;  // over it kQuotaExceeded
  std::uint64_t max_queued_bytes = std::uint64_t{1} << 30;
  // Of these numbers and bytes one user may have what base/dynamic_threshold.hpp says.
  std::size_t max_in_flight_per_lane = 2;    // of them one waits, on a lane that runs one at once
  Duration aging = std::chrono::seconds(5);  // waiting this long lifts a request by one class
  double realtime_share = 0.5;  // of a lane's time, for one user's realtime before others' work
  Duration default_keep_alive = Duration::max();
  Duration min_residency = std::chrono::seconds(2);
  Duration load_watchdog = std::chrono::seconds(180);
  // Without an answer and without a sign of progress: vision and speech, generation.
  Duration infer_watchdog = std::chrono::seconds(60);
  Duration generation_watchdog = std::chrono::seconds(600);
  // How long a model is refused that has ended its worker, at first (quarantine.hpp); 0: not at
  // all.
  Duration first_refusal = std::chrono::seconds(5);
  Duration idle_lane = std::chrono::minutes(10);  // a lane without models and work ends after this
  // Between two looks for a device that is not there, while nobody has work for it.
  Duration device_wait = std::chrono::seconds(60);
  // On the device at a time, whatever memory they take; of them, those that one user brought
  // in and nobody else has used.
  std::size_t max_models = 256;
  std::size_t max_models_per_user = 64;
  // Of those who are no administrators: models that one user keeps pinned; what all of them pin, as
  // a part of memory_bytes.
  std::size_t max_pins_per_user = 8;
  double max_pinned_share = 0.5;
  std::uint64_t memory_bytes = 0;  // what models may use together; 0 is without bound
  bool group_release = false;      // device::DeviceInfo::group_release
};

struct ModelStatus {
  ModelSpec model;
  WallTime loaded_at{};
  WallTime last_used{};
  std::uint64_t memory_bytes = 0;
  bool pinned = false;
  bool busy = false;
  std::optional<WallTime> expires;
};

struct CapacityEvent {
  std::string reason;
  std::string model;  // path
  WallTime at{};
};

inline constexpr std::size_t kMaxRefusedTold = 16;

struct Snapshot {
  std::vector<ModelStatus> models;  // resident, in the order of loading
  std::size_t queued = 0;           // waiting, not yet handed to a lane
  std::size_t running = 0;          // handed to a lane
  std::uint64_t evictions = 0;
  std::uint64_t retries = 0;
  std::uint64_t lane_restarts = 0;
  std::optional<CapacityEvent> last_capacity_event;
  std::vector<RefusedModel> refused;         // the first kMaxRefusedTold of them
  std::optional<std::string> broken_reason;  // what is wrong with a lane, while that lasts
};

class Broker {
 public:
  Broker(Options options, const Clock& clock, LanePort& lanes, ReplySink& replies);
  ~Broker();
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

  // Answers of the lanes.
  void on_loaded(JobId job, Result<LoadedInfo> result);
  void on_progress(JobId job);  // a piece of the job is done: its watchdog begins anew
  void on_event(JobId job);     // and went to the client: no repeat from now on
  void on_inferred(JobId job, Result<std::shared_ptr<void>> result);
  void on_unloaded(JobId job, Status result);  // unload and release_group
  void on_telemetry(JobId job);
  // runs_at_once: how many inferences the lane's worker has under way together.
  void on_lane_up(Lane lane, std::size_t runs_at_once = 1);
  // why: kUnavailable, kBusy, kVersionMismatch or kUnsupported where the worker did not come up
  // because it could not open its device.
  void on_lane_lost(Lane lane, const Error& why);
  // The worker was killed and does not end. on_lane_lost follows if it ever does.
  void on_lane_stuck(Lane lane, const std::string& reason);

  // The request that a lane job works for, for routing its events; empty once that is cancelled.
  std::optional<RequestId> request_of(JobId job) const;

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

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace npu::broker
