// The answers of the lanes.
#include <algorithm>
#include <utility>

#include "broker/broker_impl.hpp"

namespace npu::broker {
namespace {

// A failure that will come again takes the worker from others each time.
constexpr Duration kLongFailure = std::chrono::seconds(1);

// Whether it was the model's limit of time, which the worker has kept, or a model that is wrong and
// took long to say so.
bool is_models_fault(const Job& job, const Error& error, SteadyTime now) {
  if (error.code == ErrorCode::kDeadlineExceeded) return job.lane == Lane::kVision;
  const bool lasts = error.code == ErrorCode::kUnsupported || error.code == ErrorCode::kMalformed;
  return lasts && job.begun && now - *job.begun >= kLongFailure;
}

}  // namespace

void Broker::Impl::on_loaded(JobId id, Result<LoadedInfo> result) {
  const std::optional<Job> job = take_job(id);
  if (!job || !job->model) return;
  Model& model = *job->model;
  if (!result && result.error().code == ErrorCode::kDoesNotFit) {
    model.refusal = std::move(result.error());
    model.state = ModelState::kWanted;
    wanted_.push_back(&model);
  } else if (!result) {
    if (is_models_fault(*job, result.error(), clock_.now())) {
      strike(model.spec, incident(*job, result.error().message), true);
    }
    fail_waiting(model, result.error());
  } else {
    if (result->memory_bytes > 0) {
      history_.measured(model.spec, std::max(result->memory_bytes, residency_.left_by(model)));
    }
    history_.loaded(model.spec);
    model.load_info = std::move(result->info);
    residency_.became_resident(model, history_.memory_needed(model.spec), clock_);
    for (const RequestId waiting : std::set<RequestId>(model.waiting)) {
      Entry& entry = *requests_.find(waiting);
      if (entry.request.kind == RequestKind::kLoad) complete_load(entry, model, false);
    }
    unload_if_asked(model);
  }
  settle();
  flush();
}

void Broker::Impl::on_progress(JobId id) {
  const auto job = jobs_.find(id);
  if (job != jobs_.end()) job->second.sign_of_life = clock_.now();
}

void Broker::Impl::on_event(JobId id) {
  on_progress(id);
  const auto job = jobs_.find(id);
  if (job == jobs_.end() || !job->second.request) return;
  requests_.find(*job->second.request)->produced = true;
}

void Broker::Impl::on_inferred(JobId id, Result<std::shared_ptr<void>> result) {
  std::optional<Job> job = take_job(id);
  if (!job || !job->model) return;
  Model& model = *job->model;
  job->lease.release();
  const Duration running = clock_.now() - job->begun.value_or(clock_.now());
  lane(job->lane).order->ended(job->pick, running - job->charged, clock_.now());
  if (!result && is_models_fault(*job, result.error(), clock_.now())) {
    strike(model.spec, incident(*job, result.error().message), true);
  } else if (job->abort_asked) {
    history_.ran_at_least(model.spec, running);
  } else if (result) {
    history_.ran(model.spec, running);
    quarantine_.ran(model.spec, clock_.now());
    residency_.used(model, clock_);
  }
  if (job->request) {
    Outcome outcome{.running = running};
    if (result) {
      outcome.result = std::move(*result);
    } else {
      outcome.status = fail(std::move(result.error()));
    }
    finish(*requests_.find(*job->request), std::move(outcome));
  }
  unload_if_asked(model);
  settle();
  flush();
}

void Broker::Impl::on_unloaded(JobId id, Status result) {
  const std::optional<Job> job = take_job(id);
  if (!job) return;
  if (job->model) {
    model_gone(*job->model, false, result);
  } else {
    end_release(id, true);  // also where the device says no: it would be asked for ever
  }
  settle();
  flush();
}

void Broker::Impl::on_telemetry(JobId id) {
  take_job(id);
  settle();
  flush();
}

std::optional<RequestId> Broker::Impl::request_of(JobId id) const {
  const auto job = jobs_.find(id);
  return job == jobs_.end() ? std::nullopt : job->second.request;
}

std::optional<Job> Broker::Impl::take_job(JobId id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  Job job = std::move(found->second);
  jobs_.erase(found);
  LaneWork& work = lane(job.lane);
  std::erase(work.in_flight, id);
  if (job.kind != Job::Kind::kTelemetry) work.health.answered();
  jobs_begin(job.lane);
  return job;
}

void Broker::Impl::jobs_begin(Lane which) {
  const LaneWork& work = lane(which);
  std::size_t running = 0;
  for (const JobId id : work.in_flight) {
    Job& job = jobs_.at(id);
    const bool company = job.has_company(work.runs_at_once);
    if (running == work.runs_at_once || (!company && running > 0)) return;
    if (!job.begun) job.begun = clock_.now();
    if (!company) return;
    ++running;
  }
}

}  // namespace npu::broker
