#include "manager/memory/payload_budget.hpp"

#include <algorithm>
#include <utility>

namespace npu::manager {
namespace {

PayloadBudget::Share grant(std::size_t bytes, const ClientQuota::Client& client) {
  return std::make_shared<ClientQuota::Hold>(client.charge({{Held::kBytesIn, bytes}}));
}

}  // namespace

PayloadBudget::PayloadBudget(ClientQuota& quota) : quota_(quota) {}

bool PayloadBudget::fits(std::size_t bytes) const {
  const std::uint64_t held = quota_.held(Held::kBytesIn);
  return held == 0 || held + bytes <= quota_.limit(Held::kBytesIn);
}

bool PayloadBudget::is_due(std::size_t bytes, uid_t user) const {
  const std::uint64_t own = quota_.held_by(user, Held::kBytesIn);
  return own == 0 || own + bytes <= quota_.share_of(user, Held::kBytesIn);
}

PayloadBudget::Share PayloadBudget::take(std::size_t bytes, const ClientQuota::Client& client,
                                         std::weak_ptr<void> owner,
                                         std::function<void(Share)> granted) {
  if (waiters_.empty() && fits(bytes) && is_due(bytes, client.user())) {
    return grant(bytes, client);
  }
  waiters_.push_back({bytes, client, std::move(owner), std::move(granted)});
  has_new_waiters_ = true;
  return nullptr;
}

bool PayloadBudget::has_waiters() const {
  return std::ranges::any_of(waiters_, [](const Waiter& one) { return !one.owner.expired(); });
}

// While there are waiters, nothing is granted but here: what is held changes only when it is let go
// of.
void PayloadBudget::serve() {
  if (waiters_.empty()) return;
  if (!has_new_waiters_ && quota_.held(Held::kBytesIn) == held_then_) return;
  has_new_waiters_ = false;
  grant_what_fits();
  held_then_ = quota_.held(Held::kBytesIn);
}

void PayloadBudget::grant_what_fits() {
  std::erase_if(waiters_, [](const Waiter& waiter) { return waiter.owner.expired(); });
  for (std::size_t at = 0; at < waiters_.size();) {
    if (!is_due(waiters_[at].bytes, waiters_[at].client.user())) {
      ++at;
      continue;
    }
    if (!fits(waiters_[at].bytes)) return;
    auto waiter = std::move(waiters_[at]);
    waiters_.erase(waiters_.begin() + static_cast<std::ptrdiff_t>(at));
    waiter.granted(grant(waiter.bytes, waiter.client));
  }
}

}  // namespace npu::manager
