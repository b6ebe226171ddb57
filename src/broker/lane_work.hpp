// What one lane has to do: the order of its requests, orders about models, and jobs handed over.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "broker/lane_health.hpp"
#include "broker/model.hpp"
#include "broker/model_lease.hpp"
#include "broker/scheduling_order.hpp"

namespace npu::broker {

// One order to a lane, from the call of the LanePort to its answer.
struct Job {
  enum class Kind { kLoad, kInfer, kUnload, kRelease, kTelemetry };

  JobId id = 0;
  Kind kind = Kind::kInfer;
  Lane lane = Lane::kVision;
  Model* model = nullptr;            // absent for kRelease and kTelemetry
  std::optional<RequestId> request;  // kInfer, until that is cancelled
  std::shared_ptr<void> work;        // of the request, alive as long as the lane may use it
  ModelLease lease;
  std::optional<SteadyTime> begun;         // when the lane came to it
  std::optional<SteadyTime> sign_of_life;  // the last piece of its work that was done since
  std::optional<SteadyTime> abort_asked;
  std::optional<Duration> overdue;  // its worker was killed because it gave no answer for so long
  Pick pick;
  Duration charged{};

  // A lane works on its jobs in turn: on several of these together, a load among them if it runs
  // more than one at once, and on anything else alone.
  bool has_company(std::size_t runs_at_once) const {
    return kind == Kind::kInfer || kind == Kind::kTelemetry ||
           (kind == Kind::kLoad && runs_at_once > 1);
  }
};

struct LaneWork {
  LaneHealth health;
  std::unique_ptr<SchedulingOrder> order;
  Duration backlog{};           // expected run time of what is in `order`
  std::deque<Model*> loads;     // kAdmitted
  std::deque<Model*> unloads;   // kUnloading, not handed over yet
  std::deque<JobId> in_flight;  // in the lane's order
  // It works on the first, or on as many inferences, a load among them, from the first one on.
  std::size_t runs_at_once = 1;
  bool held = false;  // gets nothing new, until the group was released
  std::optional<SteadyTime> unused_since;
};

}  // namespace npu::broker
