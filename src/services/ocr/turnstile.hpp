// So many at a time; whoever comes then waits. A decoded page is 150 MB at 50 million pixels.
#pragma once

#include <cstddef>
#include <list>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <npu/result.hpp>

namespace npu::ocr {

using boost::asio::awaitable;

// Used on one executor; outlives its places. Places are given in the order in which they were asked
// for.
class Turnstile {
 public:
  explicit Turnstile(std::size_t places) : free_(places) {}
  Turnstile(const Turnstile&) = delete;
  Turnstile& operator=(const Turnstile&) = delete;

  // Given back when it is destroyed. Move-only.
  class Place {
   public:
    explicit Place(Turnstile& of) : of_(&of) {}
    Place(Place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~Place() {
      if (of_ != nullptr) of_->give_back();
    }

   private:
    Turnstile* of_;
  };

  // kCancelled where the coroutine was.
  awaitable<Result<Place>> enter() {
    if (free_ > 0) {
      --free_;
      co_return Place(*this);
    }
    Turn turn(*this, co_await boost::asio::this_coro::executor);
    (void)co_await turn.timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (turn.called) co_return Place(*this);
    co_return fail(ErrorCode::kCancelled, "cancelled");
  }

 private:
  // Somebody who waits. Leaves the queue when it ends, also where its coroutine is destroyed.
  struct Turn {
    Turn(Turnstile& turnstile, const boost::asio::any_io_executor& executor)
        : of(turnstile), timer(executor, boost::asio::steady_timer::time_point::max()) {
      of.waiting_.push_back(this);
    }
    ~Turn() { of.waiting_.remove(this); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    Turnstile& of;
    boost::asio::steady_timer timer;
    bool called = false;
  };

  void give_back() {
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    Turn& next = *waiting_.front();
    waiting_.pop_front();
    next.called = true;
    next.timer.cancel();
  }

  std::size_t free_;
  std::list<Turn*> waiting_;
};

}  // namespace npu::ocr
