// The standard order: three strict classes with aging, fair between clients inside a class.
#pragma once

#include <array>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "broker/fair_ring.hpp"
#include "broker/scheduling_order.hpp"

namespace npu::broker {

// A request that has waited `aging` counts one class higher, after twice that two: a batch request
// waits at most 2 * aging behind a saturated higher class before it competes with it.
class FairOrder final : public SchedulingOrder {
 public:
  explicit FairOrder(Duration aging, Duration quantum = std::chrono::milliseconds(10));

  void add(const Waiting& request) override { insert(request, false); }
  void add_front(const Waiting& request) override { insert(request, true); }
  bool remove(RequestId request) override;
  std::optional<Pick> next(SteadyTime now) override;
  void charge(const Pick& pick, Duration device_time) override;
  std::size_t size() const override { return places_.size(); }

 private:
  struct Place {
    std::string client;
    std::size_t rank = 0;
    SteadyTime entered{};  // its class, as far as aging is concerned
    bool in_front = false;
  };
  struct Class {
    FairRing ring;
    std::set<RequestId> front;
    std::set<std::pair<SteadyTime, RequestId>> by_age;
  };

  void insert(const Waiting& request, bool in_front);
  void enter(RequestId request, const Place& place);
  void leave(RequestId request, const Place& place);
  void lift_aged(SteadyTime now);

  Duration aging_;
  std::array<Class, 3> classes_;  // indexed by Priority
  std::unordered_map<RequestId, Place> places_;
};

}  // namespace npu::broker
