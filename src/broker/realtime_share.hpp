// How much of a lane's time may be had by going before others.
#pragma once

#include <cstdint>
#include <map>

#include "base/clock.hpp"

namespace npu::broker {

// Each user has the share, all of them together half of what it leaves as well. What was not had
// for a while counts for a tenth of a second at most; what was had beyond is waited for, however
// much it is. A share of 1 is without bound.
class RealtimeShare {
 public:
  explicit RealtimeShare(double share);

  // Whether the user may go before others now. Time does not go back.
  bool permits(std::uint32_t user, SteadyTime now);
  // The user did, and has had this much time, or so much more or less than was said before.
  void spend(std::uint32_t user, Duration time);

 private:
  struct Credit {
    Duration left{};
    SteadyTime at{};  // as of then
  };
  Credit full(double share, SteadyTime now) const;
  void fill(Credit& credit, double share, SteadyTime now) const;

  double share_;
  double share_of_all_;
  Credit all_;
  std::map<std::uint32_t, Credit> of_user_;  // of those whose credit is not full
};

}  // namespace npu::broker
