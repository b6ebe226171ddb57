#include "manager/payload_budget.hpp"

#include <utility>

namespace npu::manager {

struct PayloadBudget::State : std::enable_shared_from_this<PayloadBudget::State> {
  struct Waiter {
    std::size_t bytes;
    std::weak_ptr<void> owner;
    std::function<void(Share)> granted;
  };

  std::size_t limit = 0;
  std::size_t held = 0;
  std::deque<Waiter> waiters;

  bool fits(std::size_t bytes) const { return held == 0 || held + bytes <= limit; }

  Share grant(std::size_t bytes) {
    held += bytes;
    const std::weak_ptr<State> weak = weak_from_this();
    return Share(this, [weak, bytes](void*) {
      if (const auto state = weak.lock()) state->held -= bytes;
    });
  }
};

PayloadBudget::PayloadBudget(std::size_t limit) : state_(std::make_shared<State>()) {
  state_->limit = limit;
}

PayloadBudget::Share PayloadBudget::take(std::size_t bytes, std::weak_ptr<void> owner,
                                         std::function<void(Share)> granted) {
  if (state_->waiters.empty() && state_->fits(bytes)) return state_->grant(bytes);
  state_->waiters.push_back({bytes, std::move(owner), std::move(granted)});
  return nullptr;
}

bool PayloadBudget::has_waiters() const { return !state_->waiters.empty(); }
std::size_t PayloadBudget::held() const { return state_->held; }

void PayloadBudget::serve() {
  while (!state_->waiters.empty()) {
    if (state_->waiters.front().owner.expired()) {
      state_->waiters.pop_front();
      continue;
    }
    if (!state_->fits(state_->waiters.front().bytes)) return;
    auto waiter = std::move(state_->waiters.front());
    state_->waiters.pop_front();
    waiter.granted(state_->grant(waiter.bytes));
  }
}

}  // namespace npu::manager
