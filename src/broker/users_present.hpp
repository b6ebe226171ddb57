// Which users a lane works for, and which it has worked for a moment ago.
#pragma once

#include <cstdint>
#include <map>

#include <npu/priority.hpp>

#include "base/clock.hpp"

namespace npu::broker {

// One who asks, waits for the answer and asks again is not waiting at the very moment when the next
// work is chosen. For kComesBack he counts as if he were.
class UsersPresent {
 public:
  static constexpr Duration kComesBack = std::chrono::milliseconds(50);

  void began(std::uint32_t user, Priority rank);
  void ended(std::uint32_t user, SteadyTime now);

  bool is_served(std::uint32_t user) const;
  bool any_but(std::uint32_t user, SteadyTime now) const;
  // Somebody else is due to come back with something of this class or a higher one.
  bool is_awaited(std::uint32_t user, Priority rank, SteadyTime now) const;

 private:
  struct User {
    std::size_t under_way = 0;
    Priority rank = Priority::kBatch;  // of the last
    SteadyTime ended{};
  };
  static bool is_there(const User& user, SteadyTime now) {
    return user.under_way > 0 || now - user.ended < kComesBack;
  }
  std::map<std::uint32_t, User> users_;
};

}  // namespace npu::broker
