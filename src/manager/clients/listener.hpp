// The socket that clients connect to.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <npu/result.hpp>

#include "base/episode.hpp"
#include "base/spare_descriptor.hpp"
#include "base/unique_fd.hpp"
#include "base/unix_socket.hpp"

namespace npu::manager {

// The right to serve a path, so that two managers cannot both take it for abandoned. Held for life;
// the lock goes with the process, the empty file "<path>.lock" stays.
class SocketLock {
 public:
  // Makes the socket's folder (mode 0755) if it is not there. kBusy while another process holds the
  // lock or answers on the socket.
  static Result<SocketLock> take(const std::string& path);

 private:
  explicit SocketLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// The listening socket that systemd passed, if it did; fails if it passed something else.
Result<UniqueFd> activated_socket();

class Listener {
 public:
  struct Events {
    std::function<void(UniqueFd socket)> accepted;
    // No descriptor is left: closes something, or returns false.
    std::function<bool()> make_room;
    // There is still none: tells the newcomer so, and closes, without waiting for it.
    std::function<void(UniqueFd socket)> turn_away;
  };

  // unlink_path: removed at close(), "" for none.
  Listener(boost::asio::io_context& io, UniqueFd socket, std::string unlink_path, Events events);
  ~Listener();
  void close();

 private:
  void arm();
  void accept_some();
  void accept_later(std::chrono::milliseconds pause);
  bool out_of_descriptors(int error);

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer pause_;
  std::string unlink_path_;
  Events events_;
  std::size_t most_closing_;  // connections; beyond that nobody new is accepted
  SpareDescriptor spare_;
  Episode no_descriptors_;
  Episode failing_;
};

}  // namespace npu::manager
