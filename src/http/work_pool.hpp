// Threads for work that would block the event loop: decoding, resizing, encoding.
//
//   auto picture = co_await on(pool, [&] { return decode(request.body); }, request.turn());
//
// Destroy the pool before the io_context whose coroutines use it: the destructor waits for what
// runs and drops what waits.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include <npu/result.hpp>

#include "http/job_result.hpp"
#include "http/pool_turn.hpp"

namespace npu::http {

using boost::asio::awaitable;

struct WorkPoolOptions {
  std::size_t threads = 0;  // 0: one a core
  // Jobs that no thread has begun. One client alone has half of them (http/fair_share.hpp).
  std::size_t max_waiting = 128;
};

class WorkPool {
 public:
  explicit WorkPool(WorkPoolOptions options = {});
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // Runs the job on a thread of the pool and resumes on the caller's executor. What the job refers
  // to stays alive: a cancelled caller resumes when the job is done. Fails with kOverloaded and a
  // retry_after when too many jobs wait, of its client or of all, and this is a new one, with
  // kCancelled where stop was requested before a thread came to it, with kInternal where the job
  // threw. Thread safe.
  awaitable<Status> run(std::function<void()> job, PoolTurn turn = {});

  std::size_t waiting() const;
  std::size_t threads() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// fn() on the pool. Its Result comes back as it is; a plain value is wrapped into one.
template <class F>
awaitable<JobResult<F>> on(WorkPool& pool, F fn, PoolTurn turn = {}) {
  return result_of_job(
      [&pool, turn = std::move(turn)](std::function<void()> job) mutable {
        return pool.run(std::move(job), std::move(turn));
      },
      std::move(fn));
}

}  // namespace npu::http
