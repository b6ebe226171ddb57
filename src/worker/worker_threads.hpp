// The threads that serve a link (docs/adr/0007).
//
// Each in turn takes the next message and does what it says. An inference that waits for the device
// gives the turn away, and the next thread takes the next message: so as many inferences are under
// way as there are threads, a load among them. `unload` and `release_group` wait until nothing is
// under way, a load until no other is, and nothing is taken meanwhile. One thread works as if there
// were no others to be.
#pragma once

#include <condition_variable>
#include <functional>

#include <npu/result.hpp>

#include "worker/link.hpp"

namespace npu::worker {

class WorkerThreads {
 public:
  // Called with the turn. An error ends them all.
  using Handler = std::function<Status(const wire::ReceivedOrder& message)>;
  // Called once, with the turn, as soon as the end is known: success where the link was closed.
  // Inferences may be under way still.
  using OnEnd = std::function<void(const Status& why)>;

  WorkerThreads(Link& link, Handler handle, OnEnd on_end)
      : link_(link), handle_(std::move(handle)), on_end_(std::move(on_end)) {}

  // Serves with so many threads, the caller's included. Returns when the link is closed or broken
  // or a message was wrong, and all inferences have ended.
  Status serve(int threads);

 private:
  void work();
  void take_one(std::unique_lock<Turn>& turn);
  Status do_message(const wire::ReceivedOrder& message, std::unique_lock<Turn>& turn);
  void end(Status why);
  void let_next_take();

  Link& link_;
  Handler handle_;
  OnEnd on_end_;
  std::condition_variable may_take_;   // nobody takes a message, or it is over
  std::condition_variable some_done_;  // less is under way; for who holds taking_
  bool taking_ = false;
  int under_way_ = 0;
  bool loading_ = false;  // one of them is a load
  bool over_ = false;
  Status why_;
};

}  // namespace npu::worker
