#include "client/async_link.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <boost/asio/post.hpp>

#include "base/unix_socket.hpp"
#include "client/connect.hpp"

namespace npu::client {
namespace asio = boost::asio;
namespace {

// Receives at most this often before others on the executor get their turn.
constexpr int kReadsPerTurn = 64;

}  // namespace

AsyncLink::AsyncLink(const Strand& strand, WatchedFd socket, wire::FrameReader reader,
                     Callbacks callbacks)
    : strand_(strand),
      socket_(std::move(socket)),
      reader_(std::move(reader)),
      callbacks_(std::move(callbacks)) {}

void AsyncLink::start() { await_readable(); }

void AsyncLink::await_readable() {
  socket_.async_wait(WatchedFd::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error && self->open_) self->read();
                     });
}

void AsyncLink::read() {
  std::vector<UniqueFd> unexpected;
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const IoResult got = receive(socket_.native_handle(), reader_.prepare(), unexpected);
    unexpected.clear();
    if (got.kind == IoResult::Kind::kWouldBlock) break;
    if (got.kind != IoResult::Kind::kOk) return break_later(connection_lost(got.error), true);
    auto framed = reader_.commit(got.bytes);
    while (auto payload = reader_.next()) {
      callbacks_.received(std::move(*payload));
      if (!open_) return;
    }
    if (!framed) return break_later(std::move(framed.error()), false);
  }
  await_readable();
}

void AsyncLink::send(std::uint64_t id, OutFrame frame) {
  queue_.push_back({id, std::move(frame)});
  flush();
}

void AsyncLink::flush() {
  while (open_ && !queue_.empty() && !awaiting_writable_) {
    const IoResult sent = queue_.front().frame.send_some(socket_.native_handle());
    if (sent.kind == IoResult::Kind::kOk) {
      queue_.pop_front();
      continue;
    }
    // What a peer said before it left is still to be read, and the end of file after it tells.
    if (sent.kind == IoResult::Kind::kError && (sent.error == EPIPE || sent.error == ECONNRESET))
      return;
    if (sent.kind == IoResult::Kind::kError) return break_later(connection_lost(sent.error), true);
    awaiting_writable_ = true;
    socket_.async_wait(WatchedFd::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         self->awaiting_writable_ = false;
                         if (!error) self->flush();
                       });
  }
}

bool AsyncLink::sent(std::uint64_t id) const {
  return std::ranges::none_of(queue_, [&](const Queued& queued) { return queued.id == id; });
}

bool AsyncLink::withdraw(std::uint64_t id) {
  const auto queued = std::ranges::find(queue_, id, &Queued::id);
  if (queued == queue_.end()) return false;
  if (queued->frame.started()) {
    queued->frame.own_rest();
    return false;
  }
  queue_.erase(queued);
  return true;
}

void AsyncLink::break_later(Error error, bool lost) {
  asio::post(strand_, [self = shared_from_this(), error = std::move(error), lost]() mutable {
    if (self->open_) self->callbacks_.broken(std::move(error), lost);
  });
}

void AsyncLink::close() {
  open_ = false;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace npu::client
