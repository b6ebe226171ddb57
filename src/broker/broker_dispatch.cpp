// Broker: what is done as soon as it can be. Work goes to lanes, lanes are started.
#include <algorithm>
#include <utility>

#include "broker/broker.hpp"

namespace npu::broker {

void Broker::settle() {
  for (bool moved = true; moved;) {
    moved = admit_wanted();
    for (const Lane lane : kLanes) moved = hand_over(lane) || moved;
  }
  for (const Lane lane : kLanes) lanes_.start_if_due(lane, needs_worker(lane));
  for (const Lane lane : kLanes) lanes_.note_need(lane, is_in_use(lane));
}

bool Broker::hand_over(Lane lane) {
  bool moved = false;
  while (lanes_.takes_more(lane)) {
    const LaneJobs& jobs = lanes_.jobs(lane);
    if (const Model* leaving = residency_.next_unload(lane)) {
      residency_.begin_unload(*leaving);
      lanes_.unload(*leaving);
    } else if (lanes_.is_held(lane)) {
      break;
    } else if (const Model* coming = residency_.next_load(lane); coming && may_load(lane)) {
      if (is_suspect(*coming) && !jobs.empty()) break;
      hand_load(*coming);
    } else if (auto pick = queue_.next(lane, jobs.size() >= jobs.runs_at_once())) {
      const Entry& entry = *queue_.find(pick->id);
      if (is_suspect(entry) && !jobs.empty()) {
        queue_.put_back(entry);
        break;
      }
      // What it needs is decided before others get what it may have to take from them.
      if (serve(std::move(*pick))) return true;
    } else if (!restore_one(lane)) {
      break;
    }
    moved = true;
  }
  return moved;
}

// Where several jobs run together, each of those that ran when the worker was lost may be the one
// to blame. They are repeated alone, so that none fails for another's fault.
bool Broker::is_suspect(const Entry& entry) const {
  return entry.losses > 0 && lanes_.jobs(entry.request.model.lane).runs_at_once() > 1;
}

bool Broker::is_suspect(const Model& model) const {
  return model.lost_loads() > 0 && lanes_.jobs(model.spec().lane).runs_at_once() > 1;
}

// Loads of a device that has one group disturb each other: there they go one at a time. What the
// vision lane gets back goes first, it takes little time and most requests wait for it; else in
// the order of their admission.
bool Broker::may_load(Lane lane) const {
  if (!residency_.group_release()) return true;
  if (lanes_.loads_anywhere()) return false;
  const auto rank = [](Lane of, const Model& first) {
    return std::pair(of != Lane::kVision || !first.restoring(), first.admitted());
  };
  const auto own = rank(lane, *residency_.next_load(lane));
  return std::ranges::none_of(kLanes, [&](Lane other) {
    const Model* first = residency_.next_load(other);
    return other != lane && first && lanes_.has_place(other) && rank(other, *first) < own;
  });
}

// A request's turn has come: it runs, or waits for its model without holding up the lane. Returns
// true if a model is newly wanted.
bool Broker::serve(Pick pick) {
  const Entry& entry = *queue_.find(pick.id);
  const Model& model = residency_.record(entry.request.model);
  if (auto refusal = quarantine_.refusal(model.spec(), clock_.now())) {
    finish(entry, {.status = fail(std::move(*refusal))});
    return false;
  }
  if (!model.usable()) {
    queue_.park(entry);
    residency_.raise(model, entry.request.priority);
    if (!model.absent()) return false;
    residency_.want(model, pick.rank);
    return true;
  }
  if (entry.request.kind == RequestKind::kInfer && is_hopeless(entry, model)) {
    history_.not_tried(model.spec());
    finish(entry, {.status = fail(ErrorCode::kDeadlineExceeded,
                                  "The request could not be answered in its time any more")});
  } else if (entry.request.kind == RequestKind::kLoad) {
    complete_load(entry, model, true);
  } else if (Status applied = residency_.apply_wishes(model, entry.request); !applied) {
    finish(entry, {.status = std::move(applied)});
  } else {
    hand_infer(entry, model, std::move(pick));
  }
  return false;
}

// Whether the answer would be too late even if everything ran as fast as it has lately. A
// generation is worth beginning in any case: what it has said by then was said in time.
bool Broker::is_hopeless(const Entry& entry, const Model& model) const {
  const Lane lane = model.spec().lane;
  if (!entry.request.deadline || lane == Lane::kGeneration) return false;
  const SteadyTime now = clock_.now();
  const LaneJobs& jobs = lanes_.jobs(lane);
  Duration ahead{};
  for (const Job& job : jobs.all()) {
    if (job.kind() != Job::Kind::kInfer) continue;
    ahead += std::max(Duration{}, history_.fastest_run(job.model()->spec()) - job.ran(now));
  }
  // Of those that run together none waits for all the others.
  const SteadyTime start = now + ahead / static_cast<Duration::rep>(jobs.runs_at_once());
  return start + history_.fastest_run(model.spec()) > *entry.request.deadline;
}

void Broker::hand_infer(const Entry& entry, const Model& model, Pick pick) {
  ModelHold use = residency_.hold(model, HoldKind::kUse);
  queue_.hand_over(entry, pick);
  sink_.started(entry.id, entry.request);
  lanes_.infer(entry.request, {std::move(use), std::move(pick), entry.expected}, is_suspect(entry));
}

void Broker::hand_load(const Model& model) {
  if (model.waiting() == 0 && !model.restoring()) return model_gone(model, false);
  residency_.begin_load(model);
  lanes_.load(model, is_suspect(model));
}

// The last used of the models that the lane has lost; only while the lane has nothing better to do.
bool Broker::restore_one(Lane lane) {
  if (draining_ || !lanes_.jobs(lane).empty() || residency_.wants_any_of(lane)) return false;
  const auto lost = residency_.to_restore(lane);
  if (lost.empty()) return false;
  residency_.want(*lost.front(), Priority::kBatch);
  return true;
}

// Of a lane that is down: whether its worker is to be started.
bool Broker::needs_worker(Lane lane) const {
  const LaneHealth& health = lanes_.health(lane);
  if (!health.down()) return false;
  if (queue_.has_turns(lane)) return true;
  if (draining_) return false;
  return health.waits_for_device() || (!health.given_up() && residency_.restores_any_of(lane));
}

bool Broker::is_in_use(Lane lane) const {
  return lanes_.jobs(lane).has_work() || queue_.has_turns(lane) || residency_.needs(lane);
}

}  // namespace npu::broker
