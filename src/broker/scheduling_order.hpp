// Which waiting request of a lane runs next: the seam for scheduling policies.
#pragma once

#include <cstddef>
#include <optional>

#include "broker/types.hpp"

namespace npu::broker {

struct Waiting {
  RequestId id = 0;  // ids rise with arrival: the order among requests of one client
  Party party;
  Priority priority = Priority::kInteractive;
  SteadyTime since{};  // arrival, from which waiting is counted
};

struct Pick {
  RequestId id = 0;
  Party party;
  Priority rank = Priority::kInteractive;  // the class it is served in
  bool before_others = false;              // as realtime, while there were other users
};

// Holds the waiting requests of one lane. A request may be taken out and added again, for example
// because its model has to be loaded first; that costs its client nothing until it began.
class SchedulingOrder {
 public:
  virtual ~SchedulingOrder() = default;
  virtual void add(const Waiting& request) = 0;
  // Before everything else of its class: work that a lost lane interrupted.
  virtual void add_front(const Waiting& request) = 0;
  virtual bool remove(RequestId request) = 0;
  // Takes the next request out. ahead: the lane has enough to do, and this would wait there, where
  // it cannot be overtaken; then there may be none although some wait.
  virtual std::optional<Pick> next(SteadyTime now, bool ahead) = 0;
  // A pick was handed to the lane and is expected to take so long.
  virtual void began(const Pick& pick, Duration expected) = 0;
  // Its end, whatever it was, once for each that began; more: what it took beyond the expectation.
  virtual void ended(const Pick& pick, Duration more, SteadyTime now) = 0;
  virtual std::size_t size() const = 0;
};

}  // namespace npu::broker
