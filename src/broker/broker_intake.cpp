// How requests come in and how they leave.
#include <algorithm>
#include <utility>

#include "broker/broker_impl.hpp"

namespace npu::broker {

Result<RequestId> Broker::Impl::submit(Request request) {
  if (Status fine = check(request); !fine) return fail(std::move(fine.error()));
  Model* known = residency_.find(request.model.key);
  const bool answered_at_once =
      request.kind == RequestKind::kUnload
          ? !known || (known->state < ModelState::kLoading && !known->restoring)
          : request.kind == RequestKind::kLoad && known && known->usable();
  if (!answered_at_once) {
    if (Status room = requests_.has_room_for(request); !room) {
      room.error().retry_after = retry_after(request.model.lane);
      return fail(std::move(room.error()));
    }
  }

  Entry& entry = requests_.add(std::move(request), clock_.now());
  const RequestId id = entry.id;
  if (answered_at_once && entry.request.kind == RequestKind::kUnload) {
    entry.phase = Phase::kUnloading;
    finish(entry, {.was_there = false});
  } else if (answered_at_once) {
    enqueue(entry);
    complete_load(entry, *known, true);
  } else if (entry.request.kind == RequestKind::kUnload) {
    take_unload(entry, *known);
  } else {
    enqueue(entry);
  }
  settle();
  return id;
}

Status Broker::Impl::check(const Request& request) const {
  if (draining_) return fail(ErrorCode::kUnavailable, "The device manager is shutting down");
  if (request.deadline && *request.deadline <= clock_.now()) {
    return fail(ErrorCode::kDeadlineExceeded, "The request's time had passed when it arrived");
  }
  const Lane which = request.model.lane;
  const LaneHealth& health = lane(which).health;
  if (auto refusal = health.refusal(clock_.now());
      refusal && (request.kind != RequestKind::kUnload || !health.down())) {
    return fail(cannot_start(which, std::move(*refusal)));
  }
  if (request.kind == RequestKind::kUnload) return may_unload(request);
  if (auto refusal = quarantine_.refusal(request.model, clock_.now())) {
    return fail(std::move(*refusal));
  }
  if (Status may = may_pin(request); !may) return may;
  const auto known = residency_.models().find(request.model.key);
  if (known != residency_.models().end() && known->second.takes_memory()) return {};
  return admission_.fits_the_device(request.model);
}

void Broker::Impl::take_unload(Entry& entry, Model& model) {
  entry.phase = Phase::kUnloading;
  if (model.restoring && model.state < ModelState::kLoading) {
    model_gone(model, false);
    finish(entry, {.was_there = true});
    return;
  }
  model.unloaders.insert(entry.id);
  unload_if_asked(model);
}

void Broker::Impl::enqueue(Entry& entry) {
  Model& model = residency_.record(entry.request.model);
  if (model.state == ModelState::kAbsent && model.waiting.empty()) {
    model.owner = entry.request.user;
  }
  model.waiting.insert(entry.id);
  entry.expected = history_.expected_run(model.spec);
  LaneWork& work = lane(model.spec.lane);
  work.backlog += entry.expected;
  work.health.wanted();
  if (model.state >= ModelState::kWanted && model.state <= ModelState::kLoading) {
    park(entry, model);
  } else {
    queue(entry, model.spec.lane);
  }
}

void Broker::Impl::leave_queue(Entry& entry) {
  Model* model = residency_.find(entry.request.model.key);
  if (!model || entry.phase == Phase::kOnLane) return;
  if (entry.phase == Phase::kUnloading) {
    model->unloaders.erase(entry.id);
    return;
  }
  LaneWork& work = lane(model->spec.lane);
  work.backlog -= entry.expected;
  model->waiting.erase(entry.id);
  if (entry.phase == Phase::kQueued) {
    work.order->remove(entry.id);
  } else if (model->parked.erase(entry.id) > 0) {
    entry.loading += clock_.now() - entry.parked;
  }
}

void Broker::Impl::finish(Entry& entry, Outcome outcome) {
  suspect_unrepeated(entry);
  leave_queue(entry);
  Model* model = residency_.find(entry.request.model.key);
  outcome.kind = entry.request.kind;
  outcome.loading = entry.loading;
  outcome.queued = clock_.now() - entry.submitted - entry.loading - outcome.running;
  const RequestId id = entry.id;
  outbox_.push_back({id, requests_.erase(entry), std::move(outcome)});
  if (model) residency_.forget_if_unused(*model);
}

void Broker::Impl::fail_entry(RequestId request, const Error& error, bool during_load) {
  if (Entry* entry = requests_.find(request)) {
    finish(*entry, {.status = fail(error), .during_load = during_load});
  }
}

bool Broker::Impl::cancel(RequestId request) {
  Entry* entry = requests_.find(request);
  if (!entry) return false;
  drop(*entry, {ErrorCode::kCancelled, "The request was cancelled"}, true);
  settle();
  flush();
  return true;
}

void Broker::Impl::connection_gone(ConnectionId connection) {
  std::erase_if(outbox_,
                [&](const Reply& reply) { return reply.request.connection == connection; });
  for (const RequestId id : requests_.of_connection(connection)) {
    drop(*requests_.find(id), {ErrorCode::kCancelled, "The client is gone"}, false);
  }
  end_pins(connection);
  settle();
  flush();
}

// Ends a request before its time, in whatever phase it is.
void Broker::Impl::drop(Entry& entry, const Error& error, bool deliver) {
  Duration running{};
  if (entry.phase == Phase::kOnLane) {
    Job& job = jobs_.at(entry.job);
    if (job.begun) running = clock_.now() - *job.begun;
    detach_job(entry);
    if (!job.abort_asked) {
      job.abort_asked = clock_.now();
      port_.abort(job.lane, job.id);
    }
  }
  finish(entry, {.status = fail(error), .running = running});
  if (!deliver) outbox_.pop_back();
}

// The lane goes on with the job and may read the request's memory until it has answered.
void Broker::Impl::detach_job(Entry& entry) {
  Job& job = jobs_.at(entry.job);
  job.work = entry.request.work;
  job.request.reset();
}

Millis Broker::Impl::retry_after(Lane which) const {
  const auto at_once = static_cast<Duration::rep>(lane(which).runs_at_once);
  const auto backlog = std::chrono::ceil<Millis>(lane(which).backlog / at_once);
  return std::clamp<Millis>(backlog, std::chrono::milliseconds(100), std::chrono::minutes(10));
}

void Broker::Impl::flush() {
  while (!outbox_.empty()) {
    Reply reply = std::move(outbox_.front());
    outbox_.pop_front();
    sink_.completed(reply.id, reply.request, std::move(reply.outcome));
  }
}

}  // namespace npu::broker
