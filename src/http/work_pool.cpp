#include "http/work_pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "http/fair_share.hpp"

namespace npu::http {
namespace asio = boost::asio;

class WorkPool::Impl {
 public:
  explicit Impl(WorkPoolOptions options)
      : threads(options.threads > 0 ? options.threads
                                    : std::max(1U, std::thread::hardware_concurrency())),
        places(options.max_waiting),
        pool(threads) {}

  // Time until a thread is likely to be free for one more job.
  Millis likely_wait() const {
    const double jobs = static_cast<double>(waiting.load()) / static_cast<double>(threads) + 1;
    return Millis(static_cast<long>(std::max(1.0, jobs * mean_ms.load())));
  }

  bool enter(const PoolTurn& turn) {
    const std::scoped_lock lock(mutex);
    if (turn.entry == PoolEntry::kNew && !places.fits(turn.client, 1)) return false;
    places.take(turn.client, 1);
    ++waiting;
    return true;
  }

  void leave(const PoolTurn& turn) {
    const std::scoped_lock lock(mutex);
    places.give_back(turn.client, 1);
    --waiting;
  }

  Status execute(const std::function<void()>& job, const PoolTurn& turn) {
    leave(turn);
    if (turn.stop.stop_requested()) return fail(ErrorCode::kCancelled, "the request was cancelled");
    const auto begin = std::chrono::steady_clock::now();
    try {
      job();
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::kOverloaded, "not enough memory for this request", Millis(1000));
    } catch (const std::exception& error) {
      log::error("work pool: a job threw: {}", error.what());
      return fail(ErrorCode::kInternal, "internal error");
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    mean_ms = 0.9 * mean_ms + 0.1 * took.count();
    return {};
  }

  const std::size_t threads;
  std::mutex mutex;
  FairShare places;  // guarded by mutex
  std::atomic<std::size_t> waiting = 0;
  std::atomic<double> mean_ms = 50;
  asio::thread_pool pool;
};

WorkPool::WorkPool(WorkPoolOptions options) : impl_(std::make_unique<Impl>(options)) {}
WorkPool::~WorkPool() {
  impl_->pool.stop();
  impl_->pool.join();
}

std::size_t WorkPool::waiting() const { return impl_->waiting; }
std::size_t WorkPool::threads() const { return impl_->threads; }

awaitable<Status> WorkPool::run(std::function<void()> job, PoolTurn turn) {
  if (!impl_->enter(turn)) {
    co_return fail(ErrorCode::kOverloaded, "too many requests are being processed",
                   impl_->likely_wait());
  }
  const auto executor = co_await asio::this_coro::executor;
  Status status;
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
      [&](auto handler) {
        asio::post(impl_->pool, [&, handler = std::move(handler),
                                 work = asio::make_work_guard(executor)]() mutable {
          status = impl_->execute(job, turn);
          asio::post(work.get_executor(), std::move(handler));
        });
      },
      asio::use_awaitable);
  co_return status;
}

}  // namespace npu::http
