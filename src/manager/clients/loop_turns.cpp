#include "manager/clients/loop_turns.hpp"

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
  for (auto user = waiting_.begin(); user != waiting_.end();) {
    auto& [uid, takers] = *user;
    round_.push_back(std::move(takers.front()));
    takers.pop_front();
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
