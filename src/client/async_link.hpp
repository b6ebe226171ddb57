// A connection that an event loop drives: frames in, payloads out.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

#include <npu/result.hpp>

#include "base/watched_fd.hpp"
#include "client/out_frame.hpp"
#include "wire/frame.hpp"

namespace npu::client {

using Strand = boost::asio::strand<boost::asio::any_io_executor>;

// Used on its strand only. Callbacks come from the strand, never from inside a call, and none
// comes after close().
class AsyncLink : public std::enable_shared_from_this<AsyncLink> {
 public:
  struct Callbacks {
    std::function<void(wire::Buffer payload)> received;
    // lost: the peer is gone; otherwise it broke the protocol.
    std::function<void(Error error, bool lost)> broken;
  };

  // Takes a connected, non-blocking socket, watched on the strand.
  AsyncLink(const Strand& strand, WatchedFd socket, wire::FrameReader reader, Callbacks callbacks);

  void start();
  // Queues a frame; `id` names it for the calls below.
  void send(std::uint64_t id, OutFrame frame);

  // The frame has been handed to the kernel completely.
  bool sent(std::uint64_t id) const;
  // Takes back a frame of which nothing was sent; true if it could. Of a frame that is on its way,
  // the rest is copied, so that what it borrowed need not live on.
  bool withdraw(std::uint64_t id);

  void close();

 private:
  struct Queued {
    std::uint64_t id;
    OutFrame frame;
  };

  void await_readable();
  void read();
  void flush();
  void break_later(Error error, bool lost);

  Strand strand_;
  WatchedFd socket_;
  wire::FrameReader reader_;
  Callbacks callbacks_;
  std::deque<Queued> queue_;
  bool awaiting_writable_ = false;
  bool open_ = true;
};

}  // namespace npu::client
