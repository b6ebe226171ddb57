// Whose turn it is among several who share a lane.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>

#include <npu/priority.hpp>

#include "base/clock.hpp"

namespace npu::broker {

// What one of them has had. Part of its owner's record, which stays where it is while it waits.
struct Account {
  Duration used{};          // device time, on the scale of its FairTurns
  std::uint64_t since = 0;  // in which stretch of waiting that was
  std::uint64_t turn = 0;   // the order among equals
  unsigned waits = 0;       // a bit for each class in which something of it waits
};

// In every class the one goes first that has had least device time, in whatever class it had it. So
// those who always want more get equal time, however many requests they send and whatever one
// costs, and what somebody had by going first in a higher class, others have first in a lower one.
//
// Whoever comes back after a while begins with what the one in service has had, so that absence
// earns no credit, or with what it had itself, so that debts stay; when nobody waits, all debts are
// forgotten. Everything is O(log n).
class FairTurns {
 public:
  // Differences below it are not worth an order: what one run takes more than the next is chance,
  // and who is served in turn has the shortest longest wait.
  static constexpr Duration kQuantum = std::chrono::milliseconds(1);

  void enter(Account& account, Priority rank);  // its first thing in this class waits
  void leave(Account& account, Priority rank);  // its last thing in this class does not any more

  // Null if nothing waits in this class; the next one after `after`, if that is given.
  Account* first(Priority rank, Account* after = nullptr) const;
  static bool goes_before(const Account& a, const Account& b) { return Earlier()(&a, &b); }

  // It is served, which probably takes this long; later, that it took so much more or less.
  void charge(Account& account, Priority rank, Duration time);
  void correct(Account& account, Priority rank, Duration difference);

  std::size_t waiting() const { return waiting_; }
  // Whether an account that does not wait says anything about its owner.
  bool is_blank(const Account& account) const {
    return waiting_ == 0 || account.since != stretch_ || account.used <= start_;
  }

 private:
  struct Earlier {
    bool operator()(const Account* a, const Account* b) const {
      const auto of_a = a->used / kQuantum;
      const auto of_b = b->used / kQuantum;
      return of_a != of_b ? of_a < of_b : a->turn < b->turn;
    }
  };
  using Class = std::set<Account*, Earlier>;

  Class& of(Priority rank) { return classes_[static_cast<std::size_t>(rank)]; }
  void move(Account& account, Duration used, std::uint64_t turn);
  void advance(Priority rank, Duration time);

  std::array<Class, 3> classes_;
  std::size_t waiting_ = 0;    // accounts, in any class
  std::uint64_t stretch_ = 0;  // of time in which somebody waits
  Duration start_{};           // with what a newcomer begins
  std::uint64_t turns_ = 0;
};

}  // namespace npu::broker
