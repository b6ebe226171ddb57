// The worker's end of the link to the manager (src/wire/worker_link.md).
//
// Messages come in order, except `cancel`, which takes effect when it is seen. Every call needs the
// turn; next() gives it away while it waits. One thread at a time is in next(); what another one
// takes in meanwhile wakes it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_set>
#include <vector>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "wire/frame.hpp"
#include "wire/worker_messages.hpp"
#include "worker/turn.hpp"

namespace npu::worker {

using wire::JobId;

class Link {
 public:
  explicit Link(UniqueFd socket);

  // The lock of everything that is done for this link.
  Turn& turn() { return turn_; }

  // Blocks for the next message, which is never a Cancel. Empty when the manager closed the link.
  // An error is a link that cannot be used any more: bytes that are no messages, an end inside a
  // frame, give_up().
  Result<std::optional<wire::ReceivedOrder>> next();

  // The descriptor that came with the message that next() gave last; each is taken once.
  Result<UniqueFd> take_descriptor();

  // Blocks while the manager does not read. Once it has failed, closed() holds.
  void send(const wire::Report& report, int descriptor = -1);

  // Takes in what has arrived, without blocking.
  void pump();
  // Blocks until something may have arrived, or until `when`.
  void wait(SteadyTime when);

  // True once `cancel` named this job. Known of the current jobs and of those that wait.
  bool cancelled(JobId job) const { return cancelled_.contains(job); }
  // True if a message was taken in that next() has not given yet.
  bool has_waiting() const { return !waiting_.empty(); }
  void begin(JobId job) { current_.insert(job); }
  void end(JobId job);

  // Nothing more is to be had of this link: from now on it is closed, and next() says why.
  void give_up(Error why);
  // The manager is gone or not understood.
  bool closed() const { return ended_ || broken_.has_value(); }

 private:
  void listen();
  void receive_once();
  void take_in();
  void cancel(JobId job);
  void wake_listener();

  Turn turn_;
  UniqueFd socket_;
  UniqueFd wake_;  // an eventfd
  bool listening_ = false;
  wire::FrameReader reader_;
  std::vector<UniqueFd> descriptors_;
  std::deque<wire::ReceivedOrder> waiting_;
  std::unordered_set<JobId> cancelled_;
  std::unordered_set<JobId> current_;
  bool ended_ = false;
  bool drained_ = false;  // the last receive found nothing
  std::optional<Error> broken_;
};

}  // namespace npu::worker
