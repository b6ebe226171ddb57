// The standard order: three classes with aging, fair between users and their names inside a class.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "broker/fair_shares.hpp"
#include "broker/realtime_share.hpp"
#include "broker/scheduling_order.hpp"
#include "broker/users_present.hpp"

namespace npu::broker {

// A higher class goes first. A request that has waited `aging` counts one class higher, after twice
// that two: a batch request waits at most 2 * aging behind a saturated higher class before it
// competes with it.
//
// Realtime goes before other users' work up to a share of the lane's time; beyond it, as long as
// there are others, it is served as interactive work is.
//
// Nobody has work run ahead in the lane while another user's is expected: it would be in its way.
class FairOrder final : public SchedulingOrder {
 public:
  explicit FairOrder(Duration aging, double realtime_share = 0.5);

  void add(const Waiting& request) override { insert(request, false); }
  void add_front(const Waiting& request) override { insert(request, true); }
  bool remove(RequestId request) override;
  std::optional<Pick> next(SteadyTime now, bool ahead) override;
  void began(const Pick& pick, Duration expected) override;
  void ended(const Pick& pick, Duration more, SteadyTime now) override;
  std::size_t size() const override { return places_.size(); }

 private:
  struct Place {
    Party party;
    Priority rank = Priority::kInteractive;
    SteadyTime entered{};  // its class, as far as aging is concerned
    bool in_front = false;
  };
  struct Class {
    std::set<RequestId> front;
    std::set<std::pair<SteadyTime, RequestId>> by_age;
  };
  // Whose request comes next.
  struct Turn {
    std::uint32_t user = 0;
    Priority from = Priority::kInteractive;  // the class that the request waits in
    Priority as = Priority::kInteractive;    // the class that it is served in
    bool before_others = false;
  };

  Class& of(Priority rank) { return classes_[static_cast<std::size_t>(rank)]; }
  void insert(const Waiting& request, bool in_front);
  void enter(RequestId request, const Place& place);
  void leave(RequestId request, const Place& place);
  void lift_aged(SteadyTime now);
  std::optional<Turn> turn(SteadyTime now);
  std::optional<Turn> unserved_after(Turn turn, SteadyTime now);
  Pick take(RequestId request, const Turn& turn);

  Duration aging_;
  FairShares shares_;
  RealtimeShare realtime_;
  UsersPresent present_;
  std::array<Class, 3> classes_;  // indexed by Priority
  std::unordered_map<RequestId, Place> places_;
};

}  // namespace npu::broker
