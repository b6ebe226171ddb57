#include "http/departure_watch.hpp"

#include <sys/epoll.h>

namespace npu::http {

DepartureWatch::Entry::Entry(DepartureWatch& watch, int socket, Listener& listener)
    : watch_(watch), socket_(socket) {
  epoll_event event{.events = EPOLLRDHUP | EPOLLET, .data = {.ptr = &listener}};
  added_ = ::epoll_ctl(watch_.epoll_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0;
  if (added_ && watch_.watched_++ == 0) watch_.wait();
}

DepartureWatch::Entry::~Entry() {
  if (!added_) return;
  ::epoll_ctl(watch_.epoll_.native_handle(), EPOLL_CTL_DEL, socket_, nullptr);
  if (--watch_.watched_ > 0) return;
  ++watch_.wait_;
  boost::system::error_code ignored;
  watch_.epoll_.cancel(ignored);  // nothing keeps the event loop running
}

DepartureWatch::DepartureWatch(const boost::asio::any_io_executor& executor) : epoll_(executor) {
  if (const int fd = ::epoll_create1(EPOLL_CLOEXEC); fd >= 0) epoll_.assign(fd);
}

DepartureWatch::~DepartureWatch() { *gone_ = true; }

void DepartureWatch::wait() {
  const unsigned number = ++wait_;
  epoll_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this, gone = gone_, number](const boost::system::error_code& error) {
                      if (*gone || error || number != wait_) return;
                      tell();
                      if (number == wait_) wait();
                    });
}

// One by one: what a listener does may end other entries.
void DepartureWatch::tell() {
  epoll_event event{};
  while (::epoll_wait(epoll_.native_handle(), &event, 1, 0) == 1) {
    const bool gone = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
    static_cast<Listener*>(event.data.ptr)->left(gone ? Departure::kGone : Departure::kHalfClosed);
  }
}

}  // namespace npu::http
