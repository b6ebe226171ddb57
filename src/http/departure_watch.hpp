// Tells when a client has left, whatever it has sent that nobody has read yet. Internal to http/.
//
// Asio's wait for a readable socket ends with the bytes of a pipelined request and is of no use
// after that: they stay unread until their turn comes. The kernel knows of the end behind them
// (EPOLLRDHUP), and tells it through a set of its own, on which Asio waits like on any descriptor.
#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace npu::http {

class DepartureWatch {
 public:
  enum class Departure {
    kHalfClosed,  // it sends no more; that it reads on is possible
    kGone,        // the connection was reset
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void left(Departure how) = 0;
  };

  // Watches one socket while it lives; to be destroyed before the socket is closed. Tells on the
  // executor, each departure once, also what has happened before. Where the kernel has no room for
  // one more, nothing is told.
  class Entry {
   public:
    Entry(DepartureWatch& watch, int socket, Listener& listener);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    DepartureWatch& watch_;
    int socket_;
    bool added_;
  };

  explicit DepartureWatch(const boost::asio::any_io_executor& executor);
  ~DepartureWatch();
  DepartureWatch(const DepartureWatch&) = delete;
  DepartureWatch& operator=(const DepartureWatch&) = delete;

 private:
  void wait();
  void tell();

  boost::asio::posix::stream_descriptor epoll_;
  std::size_t watched_ = 0;
  unsigned wait_ = 0;  // numbers the waits, so that a cancelled one that is late does no harm
  std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);
};

}  // namespace npu::http
