#include "manager/clients/loop_turns.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>

namespace npu::manager {

bool LoopTurns::at_once() {
  if (at_once_ == 0) return false;
  --at_once_;
  return true;
}

void LoopTurns::wait(uid_t user, std::shared_ptr<Taker> taker) {
  waiting_[user].push_back(std::move(taker));
  give_later();
}

// Behind all that the loop has heard of, and after it has listened once more.
void LoopTurns::give_later() {
  if (std::exchange(coming_, true)) return;
  boost::asio::post(loop_, [this] {
    coming_ = false;
    give_round();
  });
}

// To those who wait now: who has had a turn and waits again has the next one in the next round.
void LoopTurns::give_round() {
  const std::ptrdiff_t most = waiting_.size() == 1 ? kAlone : 1;
  for (auto user = waiting_.begin(); user != waiting_.end();) {
    auto& [uid, takers] = *user;
    const auto end = takers.begin() + std::min(most, std::ssize(takers));
    std::move(takers.begin(), end, std::back_inserter(round_));
    takers.erase(takers.begin(), end);
    user = takers.empty() ? waiting_.erase(user) : std::next(user);
  }
  for (const auto& taker : round_) taker->take_turn();
  round_.clear();
  if (waiting_.empty()) {
    at_once_ = kAtOnce;
  } else {
    give_later();
  }
}

}  // namespace npu::manager
