// Which waiting request of a lane runs next: the seam for scheduling policies.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "broker/types.hpp"

namespace npu::broker {

struct Waiting {
  RequestId id = 0;  // ids rise with arrival: the order among requests of one client
  std::string client;
  Priority priority = Priority::kInteractive;
  SteadyTime since{};  // arrival, from which waiting is counted
};

struct Pick {
  RequestId id = 0;
  std::string client;
  Priority rank = Priority::kInteractive;  // the class it was taken from, aging included
};

// Holds the waiting requests of one lane. A request may be taken out and added again, for example
// because its model has to be loaded first; that costs its client nothing until charge().
class SchedulingOrder {
 public:
  virtual ~SchedulingOrder() = default;
  virtual void add(const Waiting& request) = 0;
  // Before everything else of its class: work that a lost lane interrupted.
  virtual void add_front(const Waiting& request) = 0;
  virtual bool remove(RequestId request) = 0;
  // Takes the next request out.
  virtual std::optional<Pick> next(SteadyTime now) = 0;
  // Tells what a pick has cost on the device; again, with the difference, when it is known better.
  virtual void charge(const Pick& pick, Duration device_time) = 0;
  virtual std::size_t size() const = 0;
};

}  // namespace npu::broker
