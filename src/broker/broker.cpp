// Broker: how requests come in and how they leave.
#include "broker/broker.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace npu::broker {

Broker::Broker(Options options, const Clock& clock, LanePort& lanes, ReplySink& replies)
    : options_(options),
      clock_(clock),
      sink_(replies),
      quarantine_(options_.first_refusal),
      residency_({.default_keep_alive = options_.default_keep_alive,
                  .aging = options_.aging,
                  .pins_per_user = options_.max_pins_per_user,
                  .pinned_share = options_.max_pinned_share},
                 history_, clock),
      admission_(residency_, history_, choice_,
                 {options_.min_residency, options_.max_models, options_.max_models_per_user}),
      queue_({.waiting = {options_.max_queued, options_.max_queued_per_client,
                          options_.max_queued_bytes},
              .aging = options_.aging,
              .realtime_share = options_.realtime_share},
             clock),
      lanes_({.in_flight = options_.max_in_flight_per_lane,
              .load_watchdog = options_.load_watchdog,
              .infer_watchdog = options_.infer_watchdog,
              .generation_watchdog = options_.generation_watchdog,
              .idle_lane = options_.idle_lane,
              .device_wait = options_.device_wait},
             clock, lanes) {
  residency_.set_device(options_.memory_bytes, options_.group_release);
}

Result<RequestId> Broker::submit(Request request) {
  if (Status fine = check(request); !fine) return fail(std::move(fine.error()));
  const Model* known = residency_.find(request.model.key);
  const bool is_unload = request.kind == RequestKind::kUnload;
  const bool answered_at_once =
      is_unload ? !known || (known->state() < ModelState::kLoading && !known->restoring())
                : request.kind == RequestKind::kLoad && known && known->usable();
  if (!answered_at_once) {
    if (Status room = queue_.has_room_for(request); !room) {
      room.error().retry_after = retry_after(request.model.lane);
      return fail(std::move(room.error()));
    }
  }

  const Entry& entry = queue_.add(std::move(request));
  const RequestId id = entry.id;
  sink_.queued(id, entry.request);
  if (answered_at_once && is_unload) {
    finish(entry, {.was_there = false});
  } else if (answered_at_once) {
    enqueue(entry);
    complete_load(entry, *known, true);
  } else if (is_unload) {
    take_unload(entry, *known);
  } else {
    enqueue(entry);
  }
  settle();
  return id;
}

Status Broker::check(const Request& request) const {
  if (draining_) return fail(ErrorCode::kUnavailable, "The device manager is shutting down");
  if (request.deadline && *request.deadline <= clock_.now()) {
    return fail(ErrorCode::kDeadlineExceeded, "The request's time had passed when it arrived");
  }
  const Lane lane = request.model.lane;
  if (auto refusal = lanes_.refusal(lane);
      refusal && (request.kind != RequestKind::kUnload || !lanes_.health(lane).down())) {
    return fail(std::move(*refusal));
  }
  if (request.kind == RequestKind::kUnload) return may_unload(request);
  if (auto refusal = quarantine_.refusal(request.model, clock_.now())) {
    return fail(std::move(*refusal));
  }
  if (Status may = residency_.may_pin(request); !may) return may;
  const Model* known = residency_.find(request.model.key);
  if (known && known->takes_memory()) return {};
  return admission_.fits_the_device(request.model);
}

// A model counts as used by all who have loaded it or inferred with it since it is there: none of
// them is to find it gone because of another.
Status Broker::may_unload(const Request& request) const {
  const Model* known = residency_.find(request.model.key);
  if (request.administrator || !known) return {};
  if (!known->users().any_but(request.user) &&
      !queue_.another_user_waits_for(*known, request.user)) {
    return {};
  }
  return fail(ErrorCode::kPermission,
              fmt::format("{} is used by other users too: only administrators (root, and who is in "
                          "limits.admins) may unload it. It goes by itself when its memory is "
                          "needed",
                          known->spec().path));
}

void Broker::enqueue(const Entry& entry) {
  const Model& model = residency_.record(entry.request.model, entry.request.user);
  const bool is_coming =
      model.state() >= ModelState::kWanted && model.state() <= ModelState::kLoading;
  lanes_.wanted(model.spec().lane);
  if (is_coming) residency_.raise(model, entry.request.priority);
  queue_.wait(entry, residency_.hold(model, is_coming ? HoldKind::kParked : HoldKind::kQueued),
              history_.expected_run(model.spec()));
}

void Broker::take_unload(const Entry& entry, const Model& model) {
  if (model.restoring() && model.state() < ModelState::kLoading) {
    model_gone(model, false);
    finish(entry, {.was_there = true});
    return;
  }
  queue_.wait(entry, residency_.hold(model, HoldKind::kUnload), {});
  unload_if_asked(model);
}

void Broker::finish(const Entry& entry, Outcome outcome) {
  suspect_unrepeated(entry);
  const Model* model = entry.hold.model();
  const RequestId id = entry.id;
  RequestQueue::Ended ended = queue_.end(entry);
  outcome.kind = ended.request.kind;
  outcome.loading = ended.loading;
  outcome.queued = clock_.now() - ended.submitted - ended.loading - outcome.running;
  outbox_.push_back({id, std::move(ended.request), std::move(outcome)});
  if (model) residency_.forget_if_unused(*model);
}

void Broker::fail_all(const std::vector<RequestId>& requests, const Error& error,
                      bool during_load) {
  for (const RequestId id : requests) {
    if (const Entry* entry = queue_.find(id)) {
      finish(*entry, {.status = fail(error), .during_load = during_load});
    }
  }
}

bool Broker::cancel(RequestId request) {
  if (!queue_.find(request)) return false;
  drop(request, {ErrorCode::kCancelled, "The request was cancelled"}, true);
  settle();
  flush();
  return true;
}

void Broker::connection_gone(ConnectionId connection) {
  std::erase_if(outbox_, [&](const Reply& reply) {
    if (reply.request.connection != connection) return false;
    sink_.dropped(reply.id, reply.request, reply.outcome);
    return true;
  });
  for (const RequestId id : queue_.of_connection(connection)) {
    drop(id, {ErrorCode::kCancelled, "The client is gone"}, false);
  }
  residency_.end_pins(connection);
  for (const Lane lane : kLanes) forget_lost(lane);
  settle();
  flush();
}

// Ends a request before its time, wherever it is.
void Broker::drop(RequestId request, const Error& error, bool deliver) {
  const Entry& entry = *queue_.find(request);
  Duration running{};
  if (entry.on_lane) running = lanes_.abandon(request, entry.request.work);
  finish(entry, {.status = fail(error), .running = running});
  if (deliver) return;
  const Reply& reply = outbox_.back();
  sink_.dropped(reply.id, reply.request, reply.outcome);
  outbox_.pop_back();
}

Millis Broker::retry_after(Lane lane) const {
  const auto at_once = static_cast<Duration::rep>(lanes_.jobs(lane).runs_at_once());
  const auto backlog = std::chrono::ceil<Millis>(queue_.backlog(lane) / at_once);
  return std::clamp<Millis>(backlog, std::chrono::milliseconds(100), std::chrono::minutes(10));
}

void Broker::flush() {
  while (!outbox_.empty()) {
    Reply reply = std::move(outbox_.front());
    outbox_.pop_front();
    sink_.completed(reply.id, reply.request, std::move(reply.outcome));
  }
}

}  // namespace npu::broker
