// Lets clients wait until a large message of theirs may be received (Held::kBytesIn).
//
// Event loop's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "manager/memory/client_quota.hpp"

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

  // Looks through them.
  bool has_waiters() const;
  // Grants what fits by now. To be called whenever shares may have been let go of: where none were,
  // it looks at no waiter.
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
  void grant_what_fits();

  ClientQuota& quota_;
  std::vector<Waiter> waiters_;
  bool has_new_waiters_ = false;  // since serve() looked
  std::uint64_t held_then_ = 0;   // by all, when it had looked
};

}  // namespace npu::manager
