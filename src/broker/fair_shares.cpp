#include "broker/fair_shares.hpp"

namespace npu::broker {
namespace {

constexpr std::size_t kFew = 64;  // records that are not worth looking through

// Those of whoever does not wait and owes nothing.
template <class Records>
void forget_blank(Records& records, const FairTurns& turns) {
  if (records.size() <= 2 * turns.waiting() + kFew) return;
  std::erase_if(records, [&](const auto& entry) {
    return entry.second.waits == 0 && turns.is_blank(entry.second);
  });
}

}  // namespace

void FairShares::add(const Party& party, Priority rank, RequestId request) {
  forget_blank(users_, turns_);
  User& user = users_[party.user];
  user.id = party.user;
  forget_blank(user.names, user.turns);
  Name& name = user.names[party.client];
  std::set<RequestId>& waiting = of(name, rank);
  if (waiting.empty()) {
    if (user.turns.first(rank) == nullptr) turns_.enter(user, rank);
    user.turns.enter(name, rank);
  }
  waiting.insert(request);
}

void FairShares::remove(const Party& party, Priority rank, RequestId request) {
  const auto user = users_.find(party.user);
  if (user == users_.end()) return;
  const auto name = user->second.names.find(party.client);
  if (name != user->second.names.end()) drop(user->second, name->second, rank, request);
}

void FairShares::drop(User& user, Name& name, Priority rank, RequestId request) {
  std::set<RequestId>& waiting = of(name, rank);
  if (waiting.erase(request) == 0 || !waiting.empty()) return;
  user.turns.leave(name, rank);
  if (user.turns.first(rank) == nullptr) turns_.leave(user, rank);
}

std::optional<std::uint32_t> FairShares::user(Priority rank, std::optional<std::uint32_t> after) {
  const Account* found = turns_.first(rank, after ? &users_.at(*after) : nullptr);
  if (found == nullptr) return std::nullopt;
  return static_cast<const User*>(found)->id;
}

bool FairShares::goes_before(std::uint32_t a, std::uint32_t b) const {
  return FairTurns::goes_before(users_.at(a), users_.at(b));
}

RequestId FairShares::take(std::uint32_t of_user, Priority rank) {
  User& user = users_.at(of_user);
  Name& name = *static_cast<Name*>(user.turns.first(rank));
  const RequestId request = *of(name, rank).begin();
  drop(user, name, rank, request);
  return request;
}

void FairShares::charge(const Party& party, Priority rank, Duration time) {
  book(party, rank, time, &FairTurns::charge);
}

void FairShares::correct(const Party& party, Priority rank, Duration difference) {
  book(party, rank, difference, &FairTurns::correct);
}

void FairShares::book(const Party& party, Priority rank, Duration time, Booking how) {
  const auto user = users_.find(party.user);
  if (user == users_.end()) return;
  (turns_.*how)(user->second, rank, time);
  const auto name = user->second.names.find(party.client);
  if (name != user->second.names.end()) (user->second.turns.*how)(name->second, rank, time);
}

}  // namespace npu::broker
