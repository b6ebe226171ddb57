// What is done as soon as it can be: work goes to lanes, lanes are started.
#include <algorithm>
#include <utility>

#include "broker/broker_impl.hpp"

namespace npu::broker {

void Broker::Impl::settle() {
  for (bool moved = true; moved;) {
    moved = admit_wanted();
    for (const Lane which : kLanes) moved = hand_over(which) || moved;
  }
  start_lanes();
  for (const Lane which : kLanes) note_use(which);
}

std::size_t Broker::Impl::depth(Lane which) const {
  if (which == Lane::kGeneration) return 1;
  const std::size_t configured = std::max<std::size_t>(1, options_.max_in_flight_per_lane);
  const std::size_t at_once = lane(which).runs_at_once;
  return at_once == 1 ? configured : std::max(configured, at_once + 1);
}

bool Broker::Impl::hand_over(Lane which) {
  LaneWork& work = lane(which);
  bool moved = false;
  while (work.health.up() && work.in_flight.size() < depth(which) && !runs_suspect(which)) {
    if (!work.unloads.empty()) {
      Model& model = *work.unloads.front();
      work.unloads.pop_front();
      hand_unload(model);
    } else if (release_ || work.held) {
      break;
    } else if (!work.loads.empty() && may_load(which)) {
      Model& model = *work.loads.front();
      if (is_suspect(model) && !work.in_flight.empty()) break;
      work.loads.pop_front();
      hand_load(model);
    } else if (const auto pick = next_for(which)) {
      Entry& entry = *requests_.find(pick->id);
      if (is_suspect(entry) && !work.in_flight.empty()) {
        queue(entry, which);
        break;
      }
      // What it needs is decided before others get what it may have to take from them.
      if (serve(*pick)) return true;
    } else if (!restore_one(which)) {
      break;
    }
    moved = true;
  }
  return moved;
}

std::optional<Pick> Broker::Impl::next_for(Lane which) {
  const LaneWork& work = lane(which);
  if (work.order->size() == 0) return std::nullopt;
  return work.order->next(clock_.now(), work.in_flight.size() >= work.runs_at_once);
}

// Where several jobs run together, each of those that ran when the worker was lost may be the one
// to blame. They are repeated alone, so that none fails for another's fault.
bool Broker::Impl::is_suspect(const Entry& entry) const {
  return entry.losses > 0 && lane(entry.request.model.lane).runs_at_once > 1;
}

bool Broker::Impl::is_suspect(const Model& model) const {
  return model.lost_loads > 0 && lane(model.spec.lane).runs_at_once > 1;
}

bool Broker::Impl::runs_suspect(Lane which) const {
  return std::ranges::any_of(lane(which).in_flight, [this](const JobId id) {
    const Job& job = jobs_.at(id);
    if (job.kind == Job::Kind::kLoad) return is_suspect(*job.model);
    return job.request && is_suspect(*requests_.find(*job.request));
  });
}

// Loads of a device that has one group disturb each other: there they go one at a time. What the
// vision lane gets back goes first, it takes little time and most requests wait for it; else in
// the order of their admission.
bool Broker::Impl::may_load(Lane which) const {
  if (!residency_.group_release()) return true;
  const bool loading = std::ranges::any_of(
      jobs_, [](const auto& entry) { return entry.second.kind == Job::Kind::kLoad; });
  if (loading) return false;
  const auto rank = [&](Lane of) {
    const Model& first = *lane(of).loads.front();
    return std::pair(of != Lane::kVision || !first.restoring, first.admitted);
  };
  return std::ranges::none_of(kLanes, [&](Lane other) {
    const LaneWork& work = lane(other);
    return other != which && work.health.up() && !work.loads.empty() &&
           work.in_flight.size() < depth(other) && rank(other) < rank(which);
  });
}

// A request's turn has come: it runs, or waits for its model without holding up the lane. Returns
// true if a model is newly wanted.
bool Broker::Impl::serve(const Pick& pick) {
  Entry& entry = *requests_.find(pick.id);
  Model& model = residency_.record(entry.request.model);
  if (auto refusal = quarantine_.refusal(model.spec, clock_.now())) {
    finish(entry, {.status = fail(std::move(*refusal))});
    return false;
  }
  if (!model.usable()) {
    park(entry, model);
    if (model.state != ModelState::kAbsent) return false;
    want(model, pick.rank);
    return true;
  }
  if (entry.request.kind == RequestKind::kInfer && is_hopeless(entry, model)) {
    history_.not_tried(model.spec);
    finish(entry, {.status = fail(ErrorCode::kDeadlineExceeded,
                                  "The request could not be answered in its time any more")});
  } else if (entry.request.kind == RequestKind::kLoad) {
    complete_load(entry, model, true);
  } else if (Status applied = apply_wishes(model, entry.request); !applied) {
    finish(entry, {.status = std::move(applied)});
  } else {
    hand_infer(entry, model, pick);
  }
  return false;
}

// Whether the answer would be too late even if everything ran as fast as it has lately. A
// generation is worth beginning in any case: what it has said by then was said in time.
bool Broker::Impl::is_hopeless(const Entry& entry, const Model& model) const {
  if (!entry.request.deadline || model.spec.lane == Lane::kGeneration) return false;
  const SteadyTime now = clock_.now();
  const LaneWork& work = lane(model.spec.lane);
  Duration ahead{};
  for (const JobId id : work.in_flight) {
    const Job& job = jobs_.at(id);
    if (job.kind != Job::Kind::kInfer) continue;
    const Duration ran = job.begun ? now - *job.begun : Duration{};
    ahead += std::max(Duration{}, history_.fastest_run(job.model->spec) - ran);
  }
  // Of those that run together none waits for all the others.
  const SteadyTime start = now + ahead / static_cast<Duration::rep>(work.runs_at_once);
  return start + history_.fastest_run(model.spec) > *entry.request.deadline;
}

void Broker::Impl::park(Entry& entry, Model& model) {
  entry.phase = Phase::kParked;
  entry.parked = clock_.now();
  model.parked.insert(entry.id);
  model.rank = std::min(model.rank, entry.request.priority);
}

void Broker::Impl::unpark(Model& model) {
  for (const RequestId id : std::exchange(model.parked, {})) {
    Entry& entry = *requests_.find(id);
    entry.loading += clock_.now() - entry.parked;
    queue(entry, model.spec.lane);
  }
}

void Broker::Impl::queue(Entry& entry, Lane which) {
  entry.phase = Phase::kQueued;
  const Waiting waiting{entry.id,
                        {entry.request.user, entry.request.client},
                        entry.request.priority,
                        entry.submitted};
  SchedulingOrder& order = *lane(which).order;
  if (entry.in_front) {
    order.add_front(waiting);
  } else {
    order.add(waiting);
  }
}

void Broker::Impl::unpark_usable() {
  for (auto& [key, model] : residency_.models()) {
    if (!model.parked.empty() && model.usable()) unpark(model);
  }
}

void Broker::Impl::hand_infer(Entry& entry, Model& model, const Pick& pick) {
  const Duration expected = entry.expected;
  leave_queue(entry);
  Job& job = new_job(Job::Kind::kInfer, model.spec.lane, &model);
  job.request = entry.id;
  job.pick = pick;
  job.charged = expected;
  lane(job.lane).order->began(pick, expected);
  requests_.handed_over(entry, job.id);
  port_.infer(job.lane, job.id, model.spec, entry.request, pick.rank);
}

void Broker::Impl::hand_load(Model& model) {
  if (model.waiting.empty() && !model.restoring) {
    model_gone(model, false);
    return;
  }
  model.state = ModelState::kLoading;
  model.awaits_unload = false;
  model.suspicion.reset();
  const Job& job = new_job(Job::Kind::kLoad, model.spec.lane, &model);
  port_.load(job.lane, job.id, model.spec);
}

void Broker::Impl::hand_unload(Model& model) {
  const Job& job = new_job(Job::Kind::kUnload, model.spec.lane, &model);
  port_.unload(job.lane, job.id, model.spec);
}

Job& Broker::Impl::new_job(Job::Kind kind, Lane which, Model* model) {
  const JobId id = ++last_job_;
  Job& job = jobs_[id];
  job.id = id;
  job.kind = kind;
  job.lane = which;
  job.model = model;
  if (kind == Job::Kind::kInfer) job.lease = residency_.lease(*model);
  lane(which).in_flight.push_back(id);
  jobs_begin(which);
  return job;
}

void Broker::Impl::ask_telemetry() {
  if (clock_.now() < telemetry_after_) return;
  const auto asked = [this](const JobId id) { return jobs_.at(id).kind == Job::Kind::kTelemetry; };
  std::optional<Lane> best;
  for (const Lane which : {Lane::kVision, Lane::kSpeech, Lane::kGeneration}) {
    const LaneWork& work = lane(which);
    if (!work.health.up()) continue;
    if (std::ranges::any_of(work.in_flight, asked)) return;
    if (!best || (has_work(*best) && !has_work(which))) best = which;
  }
  if (best) port_.telemetry(*best, new_job(Job::Kind::kTelemetry, *best, nullptr).id);
}

// The last used of the models that the lane has lost; only while the lane has nothing better to do.
bool Broker::Impl::restore_one(Lane which) {
  if (draining_ || !lane(which).in_flight.empty()) return false;
  const bool is_loading = std::ranges::any_of(
      wanted_, [which](const Model* model) { return model->spec.lane == which; });
  if (is_loading) return false;
  const auto lost = residency_.to_restore(which);
  if (lost.empty()) return false;
  want(*lost.front(), Priority::kBatch);
  return true;
}

void Broker::Impl::start_lanes() {
  for (const Lane which : kLanes) {
    LaneWork& work = lane(which);
    if (!starts_when_possible(work, which) || !work.health.may_start(clock_.now())) continue;
    if (work.health.starting()) ++lane_restarts_;
    port_.start(which);
  }
}

}  // namespace npu::broker
