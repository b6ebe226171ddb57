// How fast a user is refused who goes on asking for more than he may have.
#pragma once

#include <map>

#include <sys/types.h>

#include "base/clock.hpp"

namespace npu::manager {

// To refuse takes processor time, which all share. Refusals of a user are quick up to a number, for
// who sends many requests together learns of the first refusal too late; from then on they come at
// a rate. That belongs to the user and not to his connections, of which he may have many.
class RefusalPace {
 public:
  static constexpr int kQuick = 128;
  static constexpr Duration kInterval = std::chrono::milliseconds(10);  // between two after these
  static constexpr Duration kLongest = std::chrono::seconds(2);

  // For how long a refusal is to be kept from this user. Each call counts as one.
  Duration time_to_keep(uid_t user, SteadyTime now);

 private:
  std::map<uid_t, SteadyTime> even_at_;  // when all his quick ones are to be had again
};

}  // namespace npu::manager
