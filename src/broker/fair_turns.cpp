#include "broker/fair_turns.hpp"

#include <algorithm>
#include <utility>

namespace npu::broker {
namespace {

unsigned bit(std::size_t rank) { return 1U << rank; }

}  // namespace

void FairTurns::enter(Account& account, Priority rank) {
  if (account.waits == 0) {
    if (waiting_ == 0) ++stretch_;
    const bool forgotten = std::exchange(account.since, stretch_) != stretch_;
    account.used = forgotten ? start_ : std::max(account.used, start_);
    account.turn = ++turns_;
    ++waiting_;
  }
  account.waits |= bit(static_cast<std::size_t>(rank));
  of(rank).insert(&account);
}

void FairTurns::leave(Account& account, Priority rank) {
  of(rank).erase(&account);
  account.waits &= ~bit(static_cast<std::size_t>(rank));
  if (account.waits == 0) --waiting_;
}

Account* FairTurns::first(Priority rank, Account* after) const {
  const Class& in = classes_[static_cast<std::size_t>(rank)];
  const auto found = after ? in.upper_bound(after) : in.begin();
  return found == in.end() ? nullptr : *found;
}

void FairTurns::charge(Account& account, Priority rank, Duration time) {
  start_ = std::max(start_, account.used);
  move(account, account.used + time, ++turns_);
  advance(rank, time);
}

void FairTurns::correct(Account& account, Priority rank, Duration difference) {
  move(account, account.used + difference, account.turn);
  advance(rank, difference);
}

void FairTurns::move(Account& account, Duration used, std::uint64_t turn) {
  for (std::size_t rank = 0; rank < classes_.size(); ++rank) {
    if (account.waits & bit(rank)) classes_[rank].erase(&account);
  }
  account.used = used;
  account.turn = turn;
  for (std::size_t rank = 0; rank < classes_.size(); ++rank) {
    if (account.waits & bit(rank)) classes_[rank].insert(&account);
  }
}

// Not beyond those who have waited since before: no stream of newcomers goes before them for ever.
void FairTurns::advance(Priority rank, Duration time) {
  Duration start = start_ + time / static_cast<Duration::rep>(waiting_ + 1);
  for (std::size_t higher = 0; higher <= static_cast<std::size_t>(rank); ++higher) {
    if (!classes_[higher].empty()) start = std::min(start, (*classes_[higher].begin())->used);
  }
  start_ = std::max(start_, start);
}

}  // namespace npu::broker
