// Cancels what a socket waits for when its time is up. Internal to http/.
//
// The timer behind it is set anew only when it fires or has to fire earlier: moving the deadline
// with every piece of a transfer costs nothing.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"

namespace npu::http {

class IoDeadline {
 public:
  // late() runs on the executor, never after the object is gone.
  IoDeadline(const boost::asio::any_io_executor& executor, std::function<void()> late);
  ~IoDeadline();
  IoDeadline(const IoDeadline&) = delete;
  IoDeadline& operator=(const IoDeadline&) = delete;

  void set(SteadyTime until);
  void clear() { until_ = SteadyTime::max(); }

 private:
  void arm();

  boost::asio::steady_timer timer_;
  std::function<void()> late_;
  SteadyTime until_ = SteadyTime::max();
  SteadyTime armed_ = SteadyTime::max();
  std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);
};

}  // namespace npu::http
