// Workers that come up and workers that are lost.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "broker/broker_impl.hpp"

namespace npu::broker {
namespace {

constexpr int kLossesAllowed = 1;  // a request or load that was running at two losses is to blame

std::string_view limit_of(const Job& job) {
  if (job.kind == Job::Kind::kLoad) return "policy.load_timeout";
  return job.lane == Lane::kGeneration ? "policy.generation_timeout" : "policy.infer_timeout";
}

// What our own limit has ended is not repeated, or it would take the device from others once more.
// But a language or speech model that was sent to the NPU may be late by no fault of its own
// (docs/adr/0040).
bool is_final(const Job& job) {
  return job.overdue && (job.kind != Job::Kind::kLoad || job.lane == Lane::kVision);
}

Error limit_passed(const Job& job) {
  return {ErrorCode::kDeadlineExceeded,
          fmt::format("no answer for {:g} s ({}): the {} worker was ended",
                      std::chrono::duration<double>(*job.overdue).count(), limit_of(job),
                      name_of(job.lane))};
}

}  // namespace

void Broker::Impl::on_lane_up(Lane which, std::size_t runs_at_once) {
  lane(which).health.came_up();
  lane(which).runs_at_once = std::max<std::size_t>(1, runs_at_once);
  settle();
  flush();
}

void Broker::Impl::on_lane_lost(Lane which, const Error& why) {
  LaneWork& work = lane(which);
  if (work.health.down()) return;
  const bool is_loss = work.health.lost(clock_.now(), why);
  history_.worker_replaced();
  lose_all(which, why.message, is_loss && !draining_);
  if (is_loss && work.health.given_up()) give_up(which);
  settle();
  flush();
}

// Its models take memory, and its jobs may touch that of their requests, until it has ended.
void Broker::Impl::on_lane_stuck(Lane which, const std::string& reason) {
  LaneWork& work = lane(which);
  if (work.health.down()) return;
  work.health.stuck(reason);
  const Error error = cannot_start(which, work.health.why_not(clock_.now()));
  for (const JobId id : work.in_flight) {
    Job& job = jobs_.at(id);
    if (job.kind == Job::Kind::kRelease) end_release(id, false);
    if (!job.request) continue;
    Entry& entry = *requests_.find(*job.request);
    detach_job(entry);
    finish(entry, {.status = fail(error)});
  }
  fail_lane(which, error);
  for (Model* model : models_of(which)) {
    model->stuck = model->state > ModelState::kAdmitted;
    if (!model->stuck) model_gone(*model, model->restoring);
  }
  settle();
  flush();
}

void Broker::Impl::lose_all(Lane which, const std::string& reason, bool models_return) {
  LaneWork& work = lane(which);
  const Error error{ErrorCode::kDeviceLost,
                    fmt::format("The {} worker was lost: {}", name_of(which), reason)};
  const Loss loss = loss_of(work);
  for (const JobId id : std::exchange(work.in_flight, {})) {
    Job job = std::move(jobs_.at(id));
    jobs_.erase(id);
    job.lease.release();
    if (job.kind == Job::Kind::kInfer) {
      const Duration running = job.begun ? clock_.now() - *job.begun : Duration{};
      work.order->ended(job.pick, running - job.charged, clock_.now());
    }
    lose_job(job, error, loss);
  }
  for (Model* model : models_of(which)) {
    const bool resident = model->state == ModelState::kResident && model->unloaders.empty();
    model_gone(*model, model->restoring || (resident && models_return));
  }
}

Loss Broker::Impl::loss_of(const LaneWork& work) const {
  Loss loss;
  int running = 0;
  for (const JobId id : work.in_flight) {
    const Job& job = jobs_.at(id);
    loss.by_limit = loss.by_limit || job.overdue;
    if (job.begun && job.kind != Job::Kind::kTelemetry) ++running;
  }
  loss.alone = running == 1;
  return loss;
}

void Broker::Impl::lose_job(Job& job, const Error& error, const Loss& loss) {
  switch (job.kind) {
    case Job::Kind::kInfer: lose_infer(job, error, loss); break;
    case Job::Kind::kLoad: lose_load(job, error, loss); break;
    case Job::Kind::kUnload: break;  // done, in a way
    case Job::Kind::kRelease: end_release(job.id, true); break;
    case Job::Kind::kTelemetry: break;
  }
}

void Broker::Impl::lose_infer(Job& job, const Error& error, const Loss& loss) {
  Entry* entry = job.request ? requests_.find(*job.request) : nullptr;
  const bool blamed = job.begun && !loss.by_limit;
  const bool suspect = blamed && loss.alone;
  if (entry && blamed) ++entry->losses;
  const bool guilty = is_final(job) || (entry && entry->losses > kLossesAllowed);
  const bool repeats = entry && !guilty && !entry->produced;
  const Error why = job.overdue ? limit_passed(job) : error;
  const Incident loss_of_worker = incident(job, why.message);
  if (guilty || (suspect && !repeats)) strike(job.model->spec, loss_of_worker, guilty);
  if (!entry) return;
  if (!repeats) {
    const Duration running = job.begun ? clock_.now() - *job.begun : Duration{};
    finish(*entry, {.status = fail(why), .running = running});
    return;
  }
  ++retries_;
  if (suspect) entry->suspicion = loss_of_worker;
  requests_.came_back(*entry);
  enqueue(*entry);
}

void Broker::Impl::lose_load(Job& job, const Error& error, const Loss& loss) {
  Model& model = *job.model;
  const bool blamed = job.begun && (job.overdue || !loss.by_limit);
  const bool suspect = blamed && loss.alone;
  if (blamed) ++model.lost_loads;
  residency_.lost_while_loading(model);
  const bool guilty = is_final(job) || model.lost_loads > kLossesAllowed;
  const bool repeats = !guilty && (!model.waiting.empty() || model.restoring);
  const Error why = job.overdue ? limit_passed(job) : error;
  const Incident loss_of_worker = incident(job, why.message);
  if (repeats) {
    if (suspect) model.suspicion = loss_of_worker;
    return;
  }
  if (guilty || suspect) strike(model.spec, loss_of_worker, guilty);
  fail_waiting(model, why);
}

Incident Broker::Impl::incident(const Job& job, const std::string& why) const {
  const SteadyTime now = clock_.now();
  return {why, job.overdue.value_or(now - job.begun.value_or(now))};
}

// certain: else something else may have ended the worker, and what ran is not repeated to find out.
void Broker::Impl::strike(const ModelSpec& model, const Incident& by, bool certain) {
  if (certain) {
    quarantine_.struck(model, by, clock_.now());
  } else {
    quarantine_.suspected(model, by, clock_.now());
  }
}

// A repeat tells whether the model was to blame. Where its request leaves before, or the last one
// of those that wait for a load, the loss is all that there is to go by.
void Broker::Impl::suspect_unrepeated(const Entry& entry) {
  if (entry.phase != Phase::kQueued && entry.phase != Phase::kParked) return;
  if (entry.suspicion) strike(entry.request.model, *entry.suspicion, false);
  Model* model = residency_.find(entry.request.model.key);
  if (!model || !model->suspicion || model->restoring || model->waiting.size() > 1) return;
  strike(model->spec, *std::exchange(model->suspicion, std::nullopt), false);
}

Error Broker::Impl::cannot_start(Lane which, Error why) const {
  why.message = fmt::format("The {} worker cannot be started: {}", name_of(which), why.message);
  return why;
}

// The lane cannot be started: what waits for it is answered instead of waiting on.
void Broker::Impl::give_up(Lane which) {
  forget_lost(which);
  fail_lane(which, cannot_start(which, lane(which).health.why_not(clock_.now())));
}

// Of what a lane has lost that cannot be started, pinned models alone come back with it.
void Broker::Impl::forget_lost(Lane which) {
  const LaneHealth& health = lane(which).health;
  if (!health.given_up() || health.waits_for_device()) return;
  std::vector<Model*> lost;
  for (auto& [key, model] : residency_.models()) {
    if (model.spec.lane == which && model.restoring && !model.pins.any()) lost.push_back(&model);
  }
  for (Model* model : lost) {
    model->restoring = false;
    residency_.forget_if_unused(*model);
  }
}

// Fails every request that has not been handed to the lane.
void Broker::Impl::fail_lane(Lane which, const Error& error) {
  std::set<RequestId> waiting;
  for (auto& [key, model] : residency_.models()) {
    if (model.spec.lane != which) continue;
    waiting.insert(model.waiting.begin(), model.waiting.end());
    waiting.insert(model.unloaders.begin(), model.unloaders.end());
  }
  for (const RequestId id : waiting) fail_entry(id, error);
}

std::vector<Model*> Broker::Impl::models_of(Lane which) {
  std::vector<Model*> here;
  for (auto& [key, model] : residency_.models()) {
    if (model.spec.lane == which && model.state != ModelState::kAbsent) here.push_back(&model);
  }
  return here;
}

bool Broker::Impl::has_work(Lane which) const {
  return std::ranges::any_of(lane(which).in_flight, [this](const JobId id) {
    return jobs_.at(id).kind != Job::Kind::kTelemetry;
  });
}

// Remembers since when a running lane is good for nothing.
void Broker::Impl::note_use(Lane which) {
  LaneWork& work = lane(which);
  const bool needed =
      has_work(which) || work.order->size() > 0 ||
      std::ranges::any_of(residency_.models(), [which](const auto& entry) {
        return entry.second.spec.lane == which &&
               (entry.second.restoring || entry.second.state != ModelState::kAbsent);
      });
  if (needed || !work.health.up()) {
    work.unused_since.reset();
  } else if (!work.unused_since) {
    work.unused_since = clock_.now();
  }
}

}  // namespace npu::broker
