// So many at a time; whoever comes then waits. A decoded page is 150 MB at 50 million pixels.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace npu::ocr {

using boost::asio::awaitable;

// Used on one executor; outlives its places. Places are given in the order in which they were asked
// for.
class Turnstile {
 public:
  explicit Turnstile(std::size_t places) : free_(places) {}

  // Given back when it is destroyed. Move-only.
  class Place {
   public:
    Place() = default;
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
    Turnstile* of_ = nullptr;
  };

  // Cancelled with the coroutine, which then has no place.
  awaitable<Place> enter() {
    if (free_ > 0) {
      --free_;
      co_return Place(*this);
    }
    const auto turn = std::make_shared<Turn>(co_await boost::asio::this_coro::executor);
    waiting_.push_back(turn);
    (void)co_await turn->timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (turn->called) co_return Place(*this);
    std::erase(waiting_, turn);
    co_return Place();
  }

 private:
  struct Turn {
    explicit Turn(const boost::asio::any_io_executor& executor)
        : timer(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer timer;
    bool called = false;
  };

  void give_back() {
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    const auto turn = waiting_.front();
    waiting_.pop_front();
    turn->called = true;
    turn->timer.cancel();
  }

  std::size_t free_;
  std::deque<std::shared_ptr<Turn>> waiting_;
};

}  // namespace npu::ocr
