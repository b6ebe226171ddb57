#include "manager/memory/client_quota.hpp"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/dynamic_threshold.hpp"

namespace npu::manager {
namespace {

using Amounts = std::array<std::uint64_t, kHeldKinds>;

struct Words {
  std::string_view what;
  std::string_view remedy;
};

const Words& words_of(Held what) {
  static constexpr std::array<Words, kHeldKinds> kWords{{
      {"connections", "close some"},
      {"descriptors", "close connections or unregister regions"},
      {"regions", "unregister some"},
      {"bytes of regions", "unregister some"},
      {"pieces of shared memory for tensors", "read replies, or have fewer requests under way"},
      {"bytes of large messages", "wait for replies"},
      {"bytes of unread replies", "read them"},
  }};
  return kWords[static_cast<std::size_t>(what)];
}

std::uint64_t& at(Amounts& amounts, Held what) { return amounts[static_cast<std::size_t>(what)]; }

}  // namespace

struct ClientQuota::State {
  ClientLimits limits;
  Amounts together{};
  std::map<uid_t, Amounts> by_user;
  std::array<std::set<uid_t>, kHeldKinds> charged_beyond;

  std::uint64_t of_user(uid_t user, Held what) const {
    const auto found = by_user.find(user);
    return found == by_user.end() ? 0 : found->second[static_cast<std::size_t>(what)];
  }
  std::uint64_t share_of(uid_t user, Held what) {
    const std::uint64_t limit = limits[what].together;
    return limit == ClientLimits::kNone
               ? limit
               : dynamic_threshold(limit, at(together, what) - of_user(user, what));
  }
  bool is_beyond_share(uid_t user, Held what) { return of_user(user, what) > share_of(user, what); }
};

struct ClientQuota::Hold::Account {
  std::shared_ptr<State> state;
  uid_t user = 0;
  Amounts held{};

  Status may_have(Amount more) const {
    const Words& words = words_of(more.what);
    const std::uint64_t own = held[static_cast<std::size_t>(more.what)];
    if (const std::uint64_t most = state->limits[more.what].of_connection;
        own > most || more.n > most - own) {
      return fail(ErrorCode::kQuotaExceeded,
                  fmt::format("a connection has at most {} {}, {} are taken and {} asked for: {}",
                              most, words.what, own, more.n, words.remedy));
    }
    const std::uint64_t of_user = state->of_user(user, more.what);
    const std::uint64_t share = state->share_of(user, more.what);
    if (of_user <= share && more.n <= share - of_user) return {};
    const std::uint64_t limit = state->limits[more.what].together;
    const std::uint64_t others = at(state->together, more.what) - of_user;
    const std::uint64_t alone = dynamic_threshold(limit, 0);
    if (of_user <= alone && more.n <= alone - of_user) {
      return fail(Error{ErrorCode::kOverloaded,
                        fmt::format("all clients together have at most {} {}, and others have {} "
                                    "of them: try again later",
                                    limit, words.what, others),
                        std::chrono::seconds(1)});
    }
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("user {} has {} of {} {}, and may have {} while others have {}: {}",
                            user, of_user, limit, words.what, share, others, words.remedy));
  }

  void add(Amount more) {
    at(state->by_user[user], more.what) += more.n;
    at(held, more.what) += more.n;
    at(state->together, more.what) += more.n;
  }

  void subtract(Amount less) {
    at(held, less.what) -= less.n;
    at(state->together, less.what) -= less.n;
    const auto of_user = state->by_user.find(user);
    at(of_user->second, less.what) -= less.n;
    if (std::ranges::all_of(of_user->second, [](std::uint64_t n) { return n == 0; })) {
      state->by_user.erase(of_user);
    }
  }

  void note_if_beyond(Held what) const {
    if (state->is_beyond_share(user, what)) {
      state->charged_beyond[static_cast<std::size_t>(what)].insert(user);
    }
  }
};

ClientQuota::ClientQuota(const ClientLimits& limits) : state_(std::make_shared<State>()) {
  state_->limits = limits;
}

ClientQuota::Client ClientQuota::client(uid_t user) {
  return Client(std::make_shared<Hold::Account>(Hold::Account{state_, user, {}}));
}

std::uint64_t ClientQuota::held(Held what) const { return at(state_->together, what); }

std::uint64_t ClientQuota::held_by(uid_t user, Held what) const {
  return state_->of_user(user, what);
}

std::uint64_t ClientQuota::share_of(uid_t user, Held what) const {
  return state_->share_of(user, what);
}

std::uint64_t ClientQuota::limit(Held what) const { return state_->limits[what].together; }

std::optional<uid_t> ClientQuota::greediest(Held what) const {
  const auto most = std::ranges::max_element(state_->by_user, {}, [what](const auto& user) {
    return user.second[static_cast<std::size_t>(what)];
  });
  if (most == state_->by_user.end() || at(most->second, what) == 0) return std::nullopt;
  return most->first;
}

std::optional<uid_t> ClientQuota::in_the_way_of(uid_t user, Held what) const {
  const std::uint64_t own = held_by(user, what);
  const auto other = greediest(what);
  if (own < share_of(user, what) || !other || held_by(*other, what) <= own) return std::nullopt;
  return other;
}

std::vector<uid_t> ClientQuota::charged_beyond(Held what) {
  auto& noted = state_->charged_beyond[static_cast<std::size_t>(what)];
  std::erase_if(noted, [&](uid_t user) { return !state_->is_beyond_share(user, what); });
  return {noted.begin(), noted.end()};
}

void ClientQuota::Hold::swap(Hold& other) noexcept {
  std::swap(account_, other.account_);
  std::swap(amounts_, other.amounts_);
}

void ClientQuota::Hold::release() {
  if (!account_) return;
  for (std::size_t i = 0; i < kHeldKinds; ++i) {
    if (amounts_[i] > 0) account_->subtract({static_cast<Held>(i), amounts_[i]});
  }
  amounts_ = {};
  account_.reset();
}

void ClientQuota::Hold::merge(Hold other) {
  if (!account_) return swap(other);
  for (std::size_t i = 0; i < kHeldKinds; ++i) amounts_[i] += std::exchange(other.amounts_[i], 0);
}

void ClientQuota::Hold::change(Held what, std::uint64_t n) {
  std::uint64_t& own = at(amounts_, what);
  if (!account_ || own == n) return;
  if (n < own) {
    account_->subtract({what, own - n});
  } else {
    account_->add({what, n - own});
    account_->note_if_beyond(what);
  }
  own = n;
}

Result<ClientQuota::Hold> ClientQuota::Client::take(std::initializer_list<Amount> amounts) const {
  if (!account_) return Hold();
  for (const Amount& more : amounts) {
    if (auto allowed = account_->may_have(more); !allowed) return fail(allowed.error());
  }
  return charge(amounts);
}

ClientQuota::Hold ClientQuota::Client::charge(std::initializer_list<Amount> amounts) const {
  Hold hold;
  hold.account_ = account_;
  for (const Amount& more : amounts) hold.change(more.what, at(hold.amounts_, more.what) + more.n);
  return hold;
}

uid_t ClientQuota::Client::user() const { return account_ ? account_->user : 0; }

std::uint64_t ClientQuota::Client::held(Held what) const {
  return account_ ? at(account_->held, what) : 0;
}

}  // namespace npu::manager
