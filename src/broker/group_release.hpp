// A release of the device's group, which every worker that is up has a part in.
#pragma once

#include <set>
#include <utility>

#include "broker/types.hpp"

namespace npu::broker {

class GroupRelease {
 public:
  enum class End {
    kNotYet,
    kReleased,
    kIncomplete,  // a lane failed to do its part: what the group holds may still be there
  };

  bool under_way() const { return !pending_.empty(); }
  void begin(JobId part) { pending_.insert(part); }
  // kNotYet too for a job that is no part of it.
  End part_ended(JobId part, bool released) {
    if (pending_.erase(part) == 0) return End::kNotYet;
    complete_ = complete_ && released;
    if (!pending_.empty()) return End::kNotYet;
    return std::exchange(complete_, true) ? End::kReleased : End::kIncomplete;
  }

 private:
  std::set<JobId> pending_;
  bool complete_ = true;
};

}  // namespace npu::broker
