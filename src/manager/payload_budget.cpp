#include "manager/payload_budget.hpp"

#include <map>
#include <utility>

namespace npu::manager {

struct PayloadBudget::State : std::enable_shared_from_this<PayloadBudget::State> {
  struct Waiter {
    std::size_t bytes;
    uid_t user;
    std::weak_ptr<void> owner;
    std::function<void(Share)> granted;
  };

  std::size_t limit = 0;
  std::size_t held = 0;
  std::map<uid_t, std::size_t> held_by;
  std::deque<Waiter> waiters;

  bool fits(std::size_t bytes) const { return held == 0 || held + bytes <= limit; }
  bool is_due(std::size_t bytes, uid_t user) const {
    const auto own = held_by.find(user);
    return own == held_by.end() || own->second + bytes <= limit / 2;
  }

  Share grant(std::size_t bytes, uid_t user) {
    held += bytes;
    held_by[user] += bytes;
    const std::weak_ptr<State> weak = weak_from_this();
    return Share(this, [weak, bytes, user](void*) {
      if (const auto state = weak.lock()) state->give_back(bytes, user);
    });
  }

  void give_back(std::size_t bytes, uid_t user) {
    held -= bytes;
    const auto own = held_by.find(user);
    own->second -= bytes;
    if (own->second == 0) held_by.erase(own);
  }
};

PayloadBudget::PayloadBudget(std::size_t limit) : state_(std::make_shared<State>()) {
  state_->limit = limit;
}

PayloadBudget::Share PayloadBudget::take(std::size_t bytes, uid_t user, std::weak_ptr<void> owner,
                                         std::function<void(Share)> granted) {
  if (state_->waiters.empty() && state_->fits(bytes) && state_->is_due(bytes, user)) {
    return state_->grant(bytes, user);
  }
  state_->waiters.push_back({bytes, user, std::move(owner), std::move(granted)});
  return nullptr;
}

bool PayloadBudget::has_waiters() const { return !state_->waiters.empty(); }
std::size_t PayloadBudget::held() const { return state_->held; }

void PayloadBudget::serve() {
  auto& waiters = state_->waiters;
  std::erase_if(waiters, [](const State::Waiter& waiter) { return waiter.owner.expired(); });
  for (std::size_t at = 0; at < waiters.size();) {
    if (!state_->is_due(waiters[at].bytes, waiters[at].user)) {
      ++at;
      continue;
    }
    if (!state_->fits(waiters[at].bytes)) return;
    auto waiter = std::move(waiters[at]);
    waiters.erase(waiters.begin() + static_cast<std::ptrdiff_t>(at));
    waiter.granted(state_->grant(waiter.bytes, waiter.user));
  }
}

}  // namespace npu::manager
