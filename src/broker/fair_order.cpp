#include "broker/fair_order.hpp"

namespace npu::broker {

FairOrder::FairOrder(Duration aging, Duration quantum)
    : aging_(aging),
      classes_{Class{FairRing(quantum), {}, {}}, Class{FairRing(quantum), {}, {}},
               Class{FairRing(quantum), {}, {}}} {}

void FairOrder::insert(const Waiting& request, bool in_front) {
  const Place place{request.client, static_cast<std::size_t>(request.priority), request.since,
                    in_front};
  if (places_.emplace(request.id, place).second) enter(request.id, place);
}

bool FairOrder::remove(RequestId request) {
  const auto found = places_.find(request);
  if (found == places_.end()) return false;
  leave(request, found->second);
  places_.erase(found);
  return true;
}

std::optional<Pick> FairOrder::next(SteadyTime now) {
  lift_aged(now);
  for (Class& in : classes_) {
    RequestId id = 0;
    if (!in.front.empty()) {
      id = *in.front.begin();
    } else if (const auto taken = in.ring.next()) {
      id = taken->second;
    } else {
      continue;
    }
    const auto found = places_.find(id);
    Pick pick{id, std::move(found->second.client), static_cast<Priority>(found->second.rank)};
    in.front.erase(id);
    in.by_age.erase({found->second.entered, id});
    places_.erase(found);
    return pick;
  }
  return std::nullopt;
}

void FairOrder::charge(const Pick& pick, Duration device_time) {
  classes_[static_cast<std::size_t>(pick.rank)].ring.charge(pick.client, device_time);
}

void FairOrder::enter(RequestId request, const Place& place) {
  Class& in = classes_[place.rank];
  in.by_age.emplace(place.entered, request);
  if (place.in_front) {
    in.front.insert(request);
  } else {
    in.ring.add(place.client, request);
  }
}

void FairOrder::leave(RequestId request, const Place& place) {
  Class& in = classes_[place.rank];
  in.by_age.erase({place.entered, request});
  if (place.in_front) {
    in.front.erase(request);
  } else {
    in.ring.remove(place.client, request);
  }
}

void FairOrder::lift_aged(SteadyTime now) {
  for (std::size_t rank = classes_.size() - 1; rank > 0; --rank) {
    auto& by_age = classes_[rank].by_age;
    while (!by_age.empty() && now - by_age.begin()->first >= aging_) {
      const RequestId request = by_age.begin()->second;
      Place& place = places_.find(request)->second;
      leave(request, place);
      place.rank = rank - 1;
      place.entered += aging_;
      enter(request, place);
    }
  }
}

}  // namespace npu::broker
