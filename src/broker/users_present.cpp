#include "broker/users_present.hpp"

#include <algorithm>

namespace npu::broker {

void UsersPresent::began(std::uint32_t user, Priority rank) {
  User& here = users_[user];
  ++here.under_way;
  here.rank = rank;
}

void UsersPresent::ended(std::uint32_t user, SteadyTime now) {
  std::erase_if(users_, [&](const auto& entry) {
    return entry.first != user && !is_there(entry.second, now);
  });
  User& here = users_[user];
  if (here.under_way > 0) --here.under_way;
  here.ended = now;
}

bool UsersPresent::is_served(std::uint32_t user) const {
  const auto found = users_.find(user);
  return found != users_.end() && found->second.under_way > 0;
}

bool UsersPresent::any_but(std::uint32_t user, SteadyTime now) const {
  return std::ranges::any_of(users_, [&](const auto& entry) {
    return entry.first != user && is_there(entry.second, now);
  });
}

bool UsersPresent::is_awaited(std::uint32_t user, Priority rank, SteadyTime now) const {
  return std::ranges::any_of(users_, [&](const auto& entry) {
    const User& other = entry.second;
    return entry.first != user && other.under_way == 0 && other.rank <= rank &&
           is_there(other, now);
  });
}

}  // namespace npu::broker
