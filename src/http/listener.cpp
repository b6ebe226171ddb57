#include "http/listener.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/descriptors.hpp"
#include "base/log.hpp"
#include "base/unix_socket.hpp"
#include "http/connection.hpp"

namespace npu::http {
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

// As many are accepted before those that were accepted have their turn.
constexpr int kBatch = 64;
// The kernel takes no more than net.core.somaxconn.
constexpr int kBacklog = 1 << 16;
constexpr Millis kUntilThereIsRoom = std::chrono::milliseconds(1);
constexpr Millis kUntilItWorks = std::chrono::milliseconds(100);
constexpr std::string_view kTurnedAway =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

// What the peer has sent is read before, since closing with something unread may destroy the
// farewell on its way.
void say_farewell(UniqueFd client) {
  std::array<char, 4096> unread;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  (void)::recv(client.get(), unread.data(), unread.size(), MSG_DONTWAIT);
  (void)::send(client.get(), kTurnedAway.data(), kTurnedAway.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void log_exception(const std::exception_ptr& exception) {
  if (!exception) return;
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    log::error("http connection ended: {}", error.what());
  }
}

// Of accept(2): with that connection the error is over.
bool concerns_one_client(int error) {
  switch (error) {
    case ECONNABORTED:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EINTR:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EPERM:
    case EPROTO: return true;
    default: return false;
  }
}

}  // namespace

Listener::Listener(asio::any_io_executor executor, std::shared_ptr<ServerCore> core)
    : executor_(executor), core_(std::move(core)), acceptor_(executor) {}

boost::system::error_code Listener::open(const BindAddress& address) {
  boost::system::error_code error;
  acceptor_.open(address.endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && address.only_v6) acceptor_.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor_.bind(address.endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) acceptor_.native_non_blocking(true, error);
  if (error) close();
  spare_.open();
  return error;
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  spare_.close();
}

tcp::endpoint Listener::endpoint() const {
  boost::system::error_code ignored;
  return acceptor_.local_endpoint(ignored);
}

awaitable<void> Listener::run() {
  const auto self = shared_from_this();
  asio::steady_timer pause(executor_);
  while (acceptor_.is_open()) {
    const auto [error] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, kTuple);
    if (!acceptor_.is_open()) break;
    Accepted last = error ? failed(error.value()) : Accepted::kOne;
    while (last == Accepted::kOne && acceptor_.is_open()) {
      for (int i = 0; i < kBatch && last == Accepted::kOne; ++i) last = accept_one();
      if (last == Accepted::kOne) co_await asio::post(executor_, asio::use_awaitable);
    }
    if (last == Accepted::kNone || !acceptor_.is_open()) continue;
    pause.expires_after(last == Accepted::kFailed ? kUntilItWorks : kUntilThereIsRoom);
    co_await pause.async_wait(kTuple);
  }
}

Listener::Accepted Listener::accept_one() {
  // Nobody gives way to nobody.
  if (core_->is_full() && poll_now(acceptor_.native_handle(), POLLIN) == 0) return Accepted::kNone;
  if (!core_->make_room()) return Accepted::kNoRoom;
  tcp::endpoint peer;
  socklen_t size = static_cast<socklen_t>(peer.capacity());
  const int descriptor =
      ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor >= 0) {
    peer.resize(size);
    admit(descriptor, peer);
    return Accepted::kOne;
  }
  switch (errno) {
    case EAGAIN: return Accepted::kNone;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return out_of_descriptors(errno);
    default: return concerns_one_client(errno) ? Accepted::kOne : failed(errno);
  }
}

void Listener::admit(int descriptor, const tcp::endpoint& peer) {
  UniqueFd owned(descriptor);
  try {
    tcp::socket socket(executor_);
    boost::system::error_code error;
    socket.assign(peer.protocol(), owned.get(), error);
    if (error) return;
    (void)owned.release();
    auto connection = std::make_shared<Connection>(std::move(socket), peer, core_);
    asio::co_spawn(executor_, [connection] { return connection->run(); }, log_exception);
  } catch (const std::bad_alloc&) {
    if (no_descriptors_.begins(std::chrono::steady_clock::now())) {
      log::error("not enough memory for a connection");
    }
  }
}

Listener::Accepted Listener::failed(int error) {
  if (failing_.begins(std::chrono::steady_clock::now())) {
    log::error("cannot accept connections: {}", std::strerror(error));
  }
  return Accepted::kFailed;
}

Listener::Accepted Listener::out_of_descriptors(int error) {
  // Without a descriptor accept() fails whether somebody waits or not.
  if (poll_now(acceptor_.native_handle(), POLLIN) == 0) return Accepted::kNone;
  if (no_descriptors_.begins(std::chrono::steady_clock::now())) {
    log::warning(
        "cannot accept a connection: {} ({} descriptors are allowed); those that wait "
        "longest give way, others are turned away",
        std::strerror(error), descriptor_limit());
  }
  if (core_->abort_longest_waiting()) return Accepted::kOne;
  (void)spare_.turn_away(acceptor_.native_handle(), say_farewell);
  return Accepted::kNoRoom;
}

}  // namespace npu::http
