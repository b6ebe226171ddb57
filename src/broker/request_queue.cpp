#include "broker/request_queue.hpp"

#include <utility>

#include "broker/fair_order.hpp"

namespace npu::broker {

RequestQueue::RequestQueue(const Bounds& bounds, const Clock& clock)
    : clock_(clock), table_(bounds.waiting) {
  for (LaneQueue& lane : lanes_) {
    lane.order = std::make_unique<FairOrder>(bounds.aging, bounds.realtime_share);
  }
}

void RequestQueue::wait(const Entry& entry, ModelHold hold, Duration expected) {
  Entry& waiting = own(entry);
  waiting.hold = std::move(hold);
  if (!waiting.hold.waits()) return;
  waiting.expected = expected;
  at(waiting.hold.model()->spec().lane).backlog += expected;
  if (waiting.hold.is(HoldKind::kQueued)) {
    enter_order(waiting);
  } else {
    waiting.parked = clock_.now();
  }
}

std::optional<Pick> RequestQueue::next(Lane lane, bool ahead) {
  if (!has_turns(lane)) return std::nullopt;
  return at(lane).order->next(clock_.now(), ahead);
}

void RequestQueue::put_back(const Entry& entry) { enter_order(own(entry)); }

void RequestQueue::enter_order(Entry& entry) {
  const Waiting waiting{entry.id,
                        {entry.request.user, entry.request.client},
                        entry.request.priority,
                        entry.submitted};
  SchedulingOrder& order = *at(entry.hold.model()->spec().lane).order;
  if (entry.in_front) {
    order.add_front(waiting);
  } else {
    order.add(waiting);
  }
}

void RequestQueue::park(const Entry& entry) {
  Entry& parked = own(entry);
  parked.parked = clock_.now();
  parked.hold.become(HoldKind::kParked);
}

void RequestQueue::unpark(const Model& model) {
  if (model.parked() == 0) return;
  const auto parked = table_.select([&](const Entry& entry) {
    return entry.hold.model() == &model && entry.hold.is(HoldKind::kParked);
  });
  for (const RequestId id : parked) {
    Entry& entry = *table_.find(id);
    entry.loading += clock_.now() - entry.parked;
    entry.hold.become(HoldKind::kQueued);
    enter_order(entry);
  }
}

void RequestQueue::hand_over(const Entry& entry, const Pick& pick) {
  at(entry.request.model.lane).order->began(pick, entry.expected);
  leave(own(entry));
  table_.handed_over(own(entry));
}

void RequestQueue::ended_on_lane(Lane lane, const Pick& pick, Duration more) {
  at(lane).order->ended(pick, more, clock_.now());
}

RequestQueue::Ended RequestQueue::end(const Entry& entry) {
  leave(own(entry));
  const SteadyTime submitted = entry.submitted;
  const Duration loading = entry.loading;
  return {table_.erase(own(entry)), submitted, loading};
}

void RequestQueue::leave(Entry& entry) {
  if (!entry.hold) return;
  if (entry.hold.waits()) {
    LaneQueue& lane = at(entry.hold.model()->spec().lane);
    lane.backlog -= entry.expected;
    if (entry.hold.is(HoldKind::kQueued)) {
      lane.order->remove(entry.id);
    } else {
      entry.loading += clock_.now() - entry.parked;
    }
  }
  entry.hold.release();
}

std::vector<RequestId> RequestQueue::waiting_for(const Model& model) const {
  if (model.waiting() == 0) return {};
  return table_.select(
      [&](const Entry& entry) { return entry.hold.model() == &model && entry.hold.waits(); });
}

std::vector<RequestId> RequestQueue::unloaders_of(const Model& model) const {
  if (model.unloaders() == 0) return {};
  return table_.select([&](const Entry& entry) {
    return entry.hold.model() == &model && entry.hold.is(HoldKind::kUnload);
  });
}

std::vector<RequestId> RequestQueue::not_on_lane(Lane lane) const {
  return table_.select(
      [&](const Entry& entry) { return entry.hold && entry.hold.model()->spec().lane == lane; });
}

bool RequestQueue::another_user_waits_for(const Model& model, std::uint32_t user) const {
  if (model.waiting() == 0) return false;
  return !table_
              .select([&](const Entry& entry) {
                return entry.hold.model() == &model && entry.hold.waits() &&
                       entry.request.user != user;
              })
              .empty();
}

}  // namespace npu::broker
