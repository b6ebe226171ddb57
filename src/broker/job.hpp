// One order to a lane, from the call of the LanePort to its answer.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "broker/model_hold.hpp"
#include "broker/scheduling_order.hpp"
#include "broker/types.hpp"

namespace npu::broker {

class Job {
 public:
  enum class Kind { kLoad, kInfer, kUnload, kRelease, kTelemetry };

  // What an inference carries besides.
  struct Inference {
    ModelHold use;
    Pick pick;           // the request, and what it was served as
    Duration charged{};  // what it was expected to take
  };

  // model: none for kRelease and kTelemetry. alone: no other job is given to the lane beside it.
  Job(JobId id, Kind kind, Lane lane, const Model* model, bool alone = false)
      : id_(id), kind_(kind), lane_(lane), model_(model), alone_(alone) {}
  Job(JobId id, Lane lane, Inference inference, bool alone)
      : id_(id),
        kind_(Kind::kInfer),
        lane_(lane),
        model_(inference.use.model()),
        alone_(alone),
        request_(inference.pick.id),
        inference_(std::move(inference)) {}

  JobId id() const { return id_; }
  Kind kind() const { return kind_; }
  Lane lane() const { return lane_; }
  const Model* model() const { return model_; }
  bool alone() const { return alone_; }
  // Of an inference, until that is cancelled.
  std::optional<RequestId> request() const { return request_; }
  const Pick& pick() const { return inference_.pick; }
  Duration charged() const { return inference_.charged; }

  bool has_begun() const { return begun_.has_value(); }
  std::optional<SteadyTime> begun() const { return begun_; }  // when the lane came to it
  Duration ran(SteadyTime now) const { return begun_ ? now - *begun_ : Duration{}; }
  // The last sign of life since it has begun.
  SteadyTime heard() const { return std::max(*begun_, sign_of_life_.value_or(*begun_)); }
  Duration silent(SteadyTime now) const { return now - sign_of_life_.value_or(*begun_); }
  std::optional<SteadyTime> abort_asked() const { return abort_asked_; }
  // Its worker was killed because it gave no answer for so long.
  std::optional<Duration> overdue() const { return overdue_; }

  // A lane works on its jobs in turn: on several of these together, a load among them if it runs
  // more than one at once, and on anything else alone.
  bool has_company(std::size_t runs_at_once) const {
    return kind_ == Kind::kInfer || kind_ == Kind::kTelemetry ||
           (kind_ == Kind::kLoad && runs_at_once > 1);
  }

  void begin(SteadyTime now) {
    if (!begun_) begun_ = now;
  }
  void progressed(SteadyTime now) { sign_of_life_ = now; }
  // Returns false if that was asked before.
  bool ask_abort(SteadyTime now) {
    if (abort_asked_) return false;
    abort_asked_ = now;
    return true;
  }
  void set_overdue(Duration silent) { overdue_ = silent; }
  // The request is answered without it. The lane may use the request's work until it has answered.
  void detach(std::shared_ptr<InferWork> work) {
    request_.reset();
    alone_ = false;
    work_ = std::move(work);
  }
  void end_use() { inference_.use.release(); }

 private:
  JobId id_;
  Kind kind_;
  Lane lane_;
  const Model* model_;
  bool alone_;
  std::optional<RequestId> request_;
  std::shared_ptr<InferWork> work_;
  Inference inference_;
  std::optional<SteadyTime> begun_;
  std::optional<SteadyTime> sign_of_life_;
  std::optional<SteadyTime> abort_asked_;
  std::optional<Duration> overdue_;
};

}  // namespace npu::broker
