// The waiting requests of a lane, by class, user and stated name.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "broker/fair_turns.hpp"
#include "broker/types.hpp"

namespace npu::broker {

// Equal device time for users first, then for the names of each: under however many names somebody
// asks, another user's share is the same. Of one name's requests in a class the oldest goes first.
class FairShares {
 public:
  void add(const Party& party, Priority rank, RequestId request);
  void remove(const Party& party, Priority rank, RequestId request);

  // In the order of their turns: the user after `after`, or the first one, with something waiting
  // in this class.
  std::optional<std::uint32_t> user(Priority rank,
                                    std::optional<std::uint32_t> after = std::nullopt);
  // Both have something waiting.
  bool goes_before(std::uint32_t a, std::uint32_t b) const;
  // Users with something waiting in any class.
  std::size_t users() const { return turns_.waiting(); }
  // Takes out the next request of a user that has one in this class.
  RequestId take(std::uint32_t user, Priority rank);

  void charge(const Party& party, Priority rank, Duration time);
  void correct(const Party& party, Priority rank, Duration difference);

 private:
  struct Name : Account {
    std::array<std::set<RequestId>, 3> waiting;  // by class
  };
  struct User : Account {
    std::uint32_t id = 0;
    FairTurns turns;  // of its names
    std::map<std::string, Name> names;
  };

  static std::set<RequestId>& of(Name& name, Priority rank) {
    return name.waiting[static_cast<std::size_t>(rank)];
  }
  void drop(User& user, Name& name, Priority rank, RequestId request);
  // In the accounts of both.
  using Booking = void (FairTurns::*)(Account&, Priority, Duration);
  void book(const Party& party, Priority rank, Duration time, Booking how);

  std::map<std::uint32_t, User> users_;
  FairTurns turns_;
};

}  // namespace npu::broker
