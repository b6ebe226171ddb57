#include "http/io_deadline.hpp"

#include <chrono>
#include <utility>

namespace npu::http {

IoDeadline::IoDeadline(const boost::asio::any_io_executor& executor, std::function<void()> late)
    : timer_(executor), late_(std::move(late)) {}

IoDeadline::~IoDeadline() { *gone_ = true; }

void IoDeadline::set(SteadyTime until) {
  until_ = until;
  if (until < armed_) arm();
}

void IoDeadline::arm() {
  armed_ = until_;
  timer_.expires_at(until_);
  timer_.async_wait([this, gone = gone_](const boost::system::error_code& error) {
    if (*gone || error) return;
    armed_ = SteadyTime::max();
    if (until_ == SteadyTime::max()) return;
    if (std::chrono::steady_clock::now() < until_) return arm();
    until_ = SteadyTime::max();
    late_();
  });
}

}  // namespace npu::http
