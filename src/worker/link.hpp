// The worker's end of the link to the manager (src/wire/worker_link.md).
//
// Messages come in order, except `cancel`, which takes effect when it is seen. Every call needs the
// turn; next() gives it away while it waits. One thread at a time is in next(); what another one
// takes in meanwhile wakes it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "wire/frame.hpp"
#include "worker/turn.hpp"

namespace npu::worker {

using JobId = std::uint64_t;

class Link {
 public:
  explicit Link(UniqueFd socket);

  // The lock of everything that is done for this link.
  Turn& turn() { return turn_; }

  // Blocks for the next message. Empty when the manager closed the link. An error is a link that
  // cannot be used any more: bytes that are no messages, an end inside a frame, give_up().
  Result<std::optional<boost::json::object>> next();

  // The descriptor that came with the message that next() gave last; each is taken once.
  Result<UniqueFd> take_descriptor();

  // Sends one message. Blocks while the manager does not read. Once it has failed, closed() holds.
  void send(std::string_view json, int descriptor = -1);

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
  void accept(boost::json::object message);
  void cancel(const boost::json::object& message);
  void wake_listener();

  Turn turn_;
  UniqueFd socket_;
  UniqueFd wake_;  // an eventfd
  bool listening_ = false;
  wire::FrameReader reader_;
  std::vector<UniqueFd> descriptors_;
  std::deque<boost::json::object> waiting_;
  std::unordered_set<JobId> cancelled_;
  std::unordered_set<JobId> current_;
  bool ended_ = false;
  bool drained_ = false;  // the last receive found nothing
  std::optional<Error> broken_;
};

// A non-negative whole number under `name`; kMalformed if it is missing or something else.
Result<std::uint64_t> number_at(const boost::json::object& message, std::string_view name);
Result<std::string_view> text_at(const boost::json::object& message, std::string_view name);
// "" where there is no such string.
std::string_view op_of(const boost::json::object& message);

}  // namespace npu::worker
