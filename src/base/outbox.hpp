// Messages on their way into a non-blocking stream socket: gathered, never copied, in order.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sys/uio.h>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"

namespace npu {

struct OutMessage {
  std::string head;         // sent first
  std::vector<iovec> tail;  // then these bytes, which `keep` owns
  std::vector<std::shared_ptr<void>> keep;
  int fd = -1;         // sent with the first byte; `keep` owns it
  SteadyTime since{};  // when it was pushed, where that matters

  std::size_t bytes() const;
};

class Outbox {
 public:
  enum class State {
    kIdle,     // everything is with the kernel
    kBlocked,  // call flush() when the socket is writable
    kBroken,   // the peer is gone
  };

  // Sends at once what the socket takes.
  State push(int socket, OutMessage message);
  State flush(int socket);

  // Bytes not yet taken by the kernel, and how many were since the beginning.
  std::size_t pending_bytes() const { return pending_; }
  std::size_t sent_bytes() const { return sent_; }
  // Of the oldest message that is not taken as a whole; the far future if there is none.
  SteadyTime waits_since() const {
    return queue_.empty() ? SteadyTime::max() : queue_.front().since;
  }

 private:
  void gather(std::vector<iovec>& parts) const;
  void consume(std::size_t bytes);

  std::deque<OutMessage> queue_;
  std::vector<iovec> parts_;
  std::size_t front_done_ = 0;  // bytes of the first message that are sent
  std::size_t pending_ = 0;
  std::size_t sent_ = 0;
};

}  // namespace npu
