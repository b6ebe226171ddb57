// Broker: what the lanes report.
#include <algorithm>
#include <utility>

#include "broker/broker.hpp"

namespace npu::broker {
namespace {

// A failure that will come again takes the worker from others each time.
constexpr Duration kLongFailure = std::chrono::seconds(1);

// Whether it was the model's limit of time, which the worker has kept, or a model that is wrong and
// took long to say so.
bool is_models_fault(const Job& job, const Error& error, SteadyTime now) {
  if (error.code == ErrorCode::kDeadlineExceeded) return job.lane() == Lane::kVision;
  const bool lasts = error.code == ErrorCode::kUnsupported || error.code == ErrorCode::kMalformed;
  return lasts && job.ran(now) >= kLongFailure;
}

}  // namespace

void Broker::loaded(JobId id, Result<LoadedInfo> result) {
  const std::optional<Job> job = lanes_.finish(id);
  if (!job || !job->model()) return;
  const Model& model = *job->model();
  if (!result && result.error().code == ErrorCode::kDoesNotFit) {
    residency_.refused_by_device(model, std::move(result.error()));
  } else if (!result) {
    if (is_models_fault(*job, result.error(), clock_.now())) {
      strike(model.spec(), {result.error().message, job->ran(clock_.now())}, true);
    }
    fail_waiting(model, result.error());
  } else {
    residency_.became_resident(model, result->memory_bytes, std::move(result->info));
    sink_.model_changed(model.spec(), true);
    for (const RequestId waiting : queue_.waiting_for(model)) {
      const Entry& entry = *queue_.find(waiting);
      if (entry.request.kind == RequestKind::kLoad) complete_load(entry, model, false);
    }
    unload_if_asked(model);
  }
  settle();
  flush();
}

void Broker::progressed(JobId id) { lanes_.progressed(id); }

void Broker::event(JobId id, InferEvent&& event) {
  lanes_.progressed(id);
  const Job* job = lanes_.find(id);
  if (!job || !job->request()) return;
  const Entry& entry = *queue_.find(*job->request());
  queue_.produced(entry);
  sink_.event(entry.id, entry.request, std::move(event));
}

void Broker::inferred(JobId id, Result<std::shared_ptr<InferResult>> result) {
  std::optional<Job> job = lanes_.finish(id);
  if (!job || !job->model()) return;
  const Model& model = *job->model();
  job->end_use();
  const Duration running = job->ran(clock_.now());
  queue_.ended_on_lane(job->lane(), job->pick(), running - job->charged());
  if (!result && is_models_fault(*job, result.error(), clock_.now())) {
    strike(model.spec(), {result.error().message, running}, true);
  } else if (job->abort_asked()) {
    history_.ran_at_least(model.spec(), running);
  } else if (result) {
    history_.ran(model.spec(), running);
    quarantine_.ran(model.spec(), clock_.now());
    residency_.used(model);
  }
  if (const auto request = job->request()) {
    Outcome outcome{.running = running};
    if (result) {
      outcome.result = std::move(*result);
    } else {
      outcome.status = fail(std::move(result.error()));
    }
    finish(*queue_.find(*request), std::move(outcome));
  }
  unload_if_asked(model);
  settle();
  flush();
}

void Broker::unloaded(JobId id, Status result) {
  const std::optional<Job> job = lanes_.finish(id);
  if (!job) return;
  if (job->model()) {
    model_gone(*job->model(), false, result);
  } else {
    // Also where the device says no: it would be asked for ever.
    after_release(lanes_.release_ended(id, true));
  }
  settle();
  flush();
}

void Broker::telemetry_read(JobId id) {
  lanes_.finish(id);
  settle();
  flush();
}

void Broker::up(Lane lane, std::size_t runs_at_once) {
  lanes_.came_up(lane, runs_at_once);
  settle();
  flush();
}

void Broker::lost(Lane lane, const Error& why) {
  std::optional<LaneLoss> loss = lanes_.lost(lane, why);
  if (!loss) return;
  history_.worker_replaced();
  for (LostJob& lost : loss->jobs) lose(lost);
  for (const Model* model : residency_.of_lane(lane)) {
    const bool resident = model->resident() && model->unloaders() == 0;
    model_gone(*model, model->restoring() || (resident && loss->unexpected && !draining_));
  }
  if (loss->unexpected && lanes_.health(lane).given_up()) {
    // What waits for it is answered instead of waiting on.
    forget_lost(lane);
    fail_all(queue_.not_on_lane(lane), lanes_.why_not(lane));
  }
  settle();
  flush();
}

// Its models take memory, and its jobs may touch that of their requests, until it has ended.
void Broker::stuck(Lane lane, const std::string& reason) {
  if (!lanes_.stuck(lane, reason)) return;
  const Error error = lanes_.why_not(lane);
  for (const Job& job : lanes_.jobs(lane).all()) {
    if (job.kind() == Job::Kind::kRelease) after_release(lanes_.release_ended(job.id(), false));
    if (!job.request()) continue;
    const Entry& entry = *queue_.find(*job.request());
    lanes_.detach(entry.id, entry.request.work);
    finish(entry, {.status = fail(error)});
  }
  fail_all(queue_.not_on_lane(lane), error);
  for (const Model* model : residency_.of_lane(lane)) {
    if (model->state() > ModelState::kAdmitted) {
      residency_.set_stuck(*model);
    } else {
      model_gone(*model, model->restoring());
    }
  }
  settle();
  flush();
}

void Broker::ask_telemetry() { lanes_.ask_telemetry(); }

void Broker::set_memory(std::uint64_t bytes, bool group_release) {
  residency_.set_device(bytes, group_release);
  settle();
}

}  // namespace npu::broker
