// How many bytes of large frames the manager holds at a time, one user at most half of them. Who
// would go over it waits its turn.
//
// Event loop's thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>

#include <sys/types.h>

namespace npu::manager {

class PayloadBudget {
 public:
  explicit PayloadBudget(std::size_t limit);

  // Holds a share as long as it lives.
  using Share = std::shared_ptr<void>;

  // A share of `bytes`, at once if it fits or if nobody holds any, and nobody waits before. Else
  // null, and `granted` is called later with the share; not from inside. A waiter whose `owner` is
  // gone is skipped; one whose user holds too much holds up no other user.
  Share take(std::size_t bytes, uid_t user, std::weak_ptr<void> owner,
             std::function<void(Share)> granted);

  bool has_waiters() const;
  std::size_t held() const;
  // Grants what fits by now. Called after shares were let go of.
  void serve();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace npu::manager
