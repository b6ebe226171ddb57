// Lets clients wait until a large message of theirs may be received (Held::kBytesIn).
//
// Event loop's thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "manager/client_quota.hpp"

namespace npu::manager {

class PayloadBudget {
 public:
  explicit PayloadBudget(ClientQuota& quota);

  // Holds a share as long as it lives.
  using Share = std::shared_ptr<void>;

  // A share of `bytes`, at once if it fits, is within the user's own, and nobody waits before; who
  // has nothing may have one of any size, and one that is larger than everything is served alone.
  // Else null, and `granted` is called later with the share; not from inside. A waiter whose
  // `owner` is gone is skipped; one whose user holds too much holds up no other user.
  Share take(std::size_t bytes, const ClientQuota::Client& client, std::weak_ptr<void> owner,
             std::function<void(Share)> granted);

  bool has_waiters() const { return !waiters_.empty(); }
  // Grants what fits by now. Called after shares were let go of.
  void serve();

 private:
  struct Waiter {
    std::size_t bytes;
    ClientQuota::Client client;
    std::weak_ptr<void> owner;
    std::function<void(Share)> granted;
  };
  bool fits(std::size_t bytes) const;
  bool is_due(std::size_t bytes, uid_t user) const;

  ClientQuota& quota_;
  std::vector<Waiter> waiters_;
};

}  // namespace npu::manager
