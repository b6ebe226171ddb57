#include "manager/payload_budget.hpp"

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
  return nullptr;
}

void PayloadBudget::serve() {
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
