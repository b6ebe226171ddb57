// Whose turn it is in the event loop.
//
// What clients bring about right in the loop takes time that all share: reading, answering small
// requests, sending what a socket did not take before. The loop hears of sockets in the kernel's
// order, in which a user with a hundred connections comes a hundred times before who has one. So
// each connection asks for a turn, and where several wait, every user has one in a round, his
// connections one after the other.
//
// A few turns are given at once before anybody has to wait, and in a round to a user who waits
// alone: he does not pay for so many rounds, each of which asks the kernel who else has something
// to say by now.
//
// Event loop's thread only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <sys/types.h>

namespace npu::manager {

class LoopTurns {
 public:
  class Taker {
   public:
    // Short; may wait for its next turn. Must not throw.
    virtual void take_turn() = 0;

   protected:
    ~Taker() = default;
  };

  static constexpr int kAtOnce = 8;
  static constexpr int kAlone = 4;

  explicit LoopTurns(boost::asio::io_context& loop) : loop_(loop) {}

  // True where who asks has his turn now. Who is told no waits for it.
  bool at_once();
  void wait(uid_t user, std::shared_ptr<Taker> taker);
  // Forgets all who wait.
  void clear() { waiting_.clear(); }

 private:
  void give_later();
  void give_round();

  boost::asio::io_context& loop_;
  std::map<uid_t, std::deque<std::shared_ptr<Taker>>> waiting_;
  std::vector<std::shared_ptr<Taker>> round_;
  int at_once_ = kAtOnce;  // left, until nobody waits again
  bool coming_ = false;    // a round is
};

}  // namespace npu::manager
