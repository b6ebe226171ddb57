#include "broker/fair_order.hpp"

namespace npu::broker {
namespace {

constexpr std::array kRanks{Priority::kRealtime, Priority::kInteractive, Priority::kBatch};

}  // namespace

FairOrder::FairOrder(Duration aging, double realtime_share)
    : aging_(aging), realtime_(realtime_share) {}

void FairOrder::insert(const Waiting& request, bool in_front) {
  Place place{request.party, request.priority, request.since, in_front};
  const auto [at, is_new] = places_.emplace(request.id, std::move(place));
  if (is_new) enter(request.id, at->second);
}

bool FairOrder::remove(RequestId request) {
  const auto found = places_.find(request);
  if (found == places_.end()) return false;
  leave(request, found->second);
  places_.erase(found);
  return true;
}

std::optional<Pick> FairOrder::next(SteadyTime now, bool ahead) {
  lift_aged(now);
  std::optional<Turn> turn = this->turn(now);
  for (const Priority rank : kRanks) {
    if (turn && turn->as < rank) break;
    const auto& front = of(rank).front;
    if (!front.empty()) return take(*front.begin(), {.as = rank});
  }
  if (!turn) return std::nullopt;
  if (ahead && present_.is_served(turn->user) && present_.is_awaited(turn->user, turn->as, now)) {
    turn = unserved_after(*turn, now);
    if (!turn) return std::nullopt;
  }
  return take(shares_.take(turn->user, turn->from), *turn);
}

// One step for each user who has had its share of going first and wants more.
std::optional<FairOrder::Turn> FairOrder::turn(SteadyTime now) {
  std::optional<std::uint32_t> equal;  // who would go first, but for its share
  for (auto user = shares_.user(Priority::kRealtime); user;
       user = shares_.user(Priority::kRealtime, user)) {
    const bool others = shares_.users() > 1 || present_.any_but(*user, now);
    if (!others || realtime_.permits(*user, now)) {
      return Turn{*user, Priority::kRealtime, Priority::kRealtime, others};
    }
    if (!equal) equal = user;
  }
  const auto usual = shares_.user(Priority::kInteractive);
  if (equal && (!usual || equal == usual || shares_.goes_before(*equal, *usual))) {
    return Turn{*equal, Priority::kRealtime, Priority::kInteractive};
  }
  if (usual) return Turn{*usual, Priority::kInteractive, Priority::kInteractive};
  const auto last = shares_.user(Priority::kBatch);
  if (last) return Turn{*last, Priority::kBatch, Priority::kBatch};
  return std::nullopt;
}

// Of the same class, the next user who has nothing on the lane.
std::optional<FairOrder::Turn> FairOrder::unserved_after(Turn turn, SteadyTime now) {
  for (auto user = shares_.user(turn.from, turn.user); user; user = shares_.user(turn.from, user)) {
    if (present_.is_served(*user)) continue;
    if (turn.before_others && !realtime_.permits(*user, now)) continue;
    turn.user = *user;
    return turn;
  }
  return std::nullopt;
}

Pick FairOrder::take(RequestId request, const Turn& turn) {
  const auto found = places_.find(request);
  Place& place = found->second;
  Class& in = of(place.rank);
  in.front.erase(request);
  in.by_age.erase({place.entered, request});
  Pick pick{request, std::move(place.party), turn.as, turn.before_others};
  places_.erase(found);
  return pick;
}

void FairOrder::began(const Pick& pick, Duration expected) {
  shares_.charge(pick.party, pick.rank, expected);
  present_.began(pick.party.user, pick.rank);
  if (pick.before_others) realtime_.spend(pick.party.user, expected);
}

void FairOrder::ended(const Pick& pick, Duration more, SteadyTime now) {
  shares_.correct(pick.party, pick.rank, more);
  present_.ended(pick.party.user, now);
  if (pick.before_others) realtime_.spend(pick.party.user, more);
}

void FairOrder::enter(RequestId request, const Place& place) {
  Class& in = of(place.rank);
  in.by_age.emplace(place.entered, request);
  if (place.in_front) {
    in.front.insert(request);
  } else {
    shares_.add(place.party, place.rank, request);
  }
}

void FairOrder::leave(RequestId request, const Place& place) {
  Class& in = of(place.rank);
  in.by_age.erase({place.entered, request});
  if (place.in_front) {
    in.front.erase(request);
  } else {
    shares_.remove(place.party, place.rank, request);
  }
}

void FairOrder::lift_aged(SteadyTime now) {
  for (const Priority rank : {Priority::kBatch, Priority::kInteractive}) {
    auto& by_age = of(rank).by_age;
    while (!by_age.empty() && now - by_age.begin()->first >= aging_) {
      const RequestId request = by_age.begin()->second;
      Place& place = places_.find(request)->second;
      leave(request, place);
      place.rank = rank == Priority::kBatch ? Priority::kInteractive : Priority::kRealtime;
      place.entered += aging_;
      enter(request, place);
    }
  }
}

}  // namespace npu::broker
