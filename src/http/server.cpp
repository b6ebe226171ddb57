#include "http/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/server_core.hpp"

namespace npu::http {
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

Error bind_error(const ServerOptions& options, const boost::system::error_code& error) {
  const bool forbidden = error == asio::error::access_denied;
  return {forbidden ? ErrorCode::kPermission : ErrorCode::kUnavailable,
          fmt::format("cannot listen on {}:{}: {}", options.host, options.port, error.message())};
}

Result<tcp::endpoint> endpoint_of(asio::any_io_executor executor, const ServerOptions& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host, error);
  if (!error) return tcp::endpoint(address, options.port);
  tcp::resolver resolver(executor);
  const auto found = resolver.resolve(options.host, std::to_string(options.port), error);
  if (error || found.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot resolve the host {}: {}", options.host, error.message()));
  }
  return found.begin()->endpoint();
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(asio::any_io_executor on, Router router, ServerOptions options)
      : executor(on),
        core(std::make_shared<ServerCore>(on, std::move(router), std::move(options))),
        acceptor(on) {}

  awaitable<void> accept_loop() {
    const auto self = shared_from_this();
    while (acceptor.is_open()) {
      if (core->full()) {
        const auto [failed] = co_await acceptor.async_wait(tcp::acceptor::wait_read, kTuple);
        if (!failed) co_await make_room();
        continue;
      }
      auto [error, socket] = co_await acceptor.async_accept(kTuple);
      if (!error) {
        auto connection = std::make_shared<Connection>(std::move(socket), core);
        asio::co_spawn(executor, [connection] { return connection->run(); }, ended);
      } else if (acceptor.is_open()) {
        log::warning("cannot accept a connection: {}", error.message());
        asio::steady_timer pause(executor, std::chrono::milliseconds(100));
        co_await pause.async_wait(kTuple);
      }
    }
  }

  static void ended(const std::exception_ptr& exception) {
    if (!exception) return;
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      log::error("http connection ended: {}", error.what());
    }
  }

  awaitable<void> make_room() {
    while (acceptor.is_open() && core->full()) {
      core->connections_changed.expires_at(give_way());
      co_await core->connections_changed.async_wait(kTuple);
    }
    core->connections_changed.expires_at(SteadyTime::max());
  }

  // Aborts the connection that has to make room. Returns when to look again, if none has to yet.
  SteadyTime give_way() {
    Connection* idle = nullptr;
    Connection* slow = nullptr;
    for (Connection* connection : core->connections) {
      if (connection->aborted()) return SteadyTime::max();  // it is about to end
      const auto waits = connection->waits();
      if (waits == Connection::Waits::kNothing) continue;
      Connection*& longest = waits == Connection::Waits::kNextRequest ? idle : slow;
      if (longest == nullptr || connection->waits_since() < longest->waits_since()) {
        longest = connection;
      }
    }
    if (idle == nullptr && slow != nullptr) {
      const auto until = slow->waits_since() + core->options.slow_after;
      if (until > std::chrono::steady_clock::now()) return until;
    }
    Connection* last = idle != nullptr ? idle : slow;
    if (last != nullptr) last->abort();
    return SteadyTime::max();
  }

  void abort_all(bool idle_only) {
    for (Connection* connection : core->connections) {
      const auto waits = connection->waits();
      const bool idle =
          waits == Connection::Waits::kFirstRequest || waits == Connection::Waits::kNextRequest;
      if (!idle_only || idle) connection->abort();
    }
  }

  awaitable<void> wait_until_empty(SteadyTime until) {
    while (!core->connections.empty() && std::chrono::steady_clock::now() < until) {
      core->connections_changed.expires_at(until);
      co_await core->connections_changed.async_wait(kTuple);
    }
    core->connections_changed.expires_at(SteadyTime::max());
  }

  asio::any_io_executor executor;
  std::shared_ptr<ServerCore> core;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
};

Server::Server(asio::any_io_executor executor, Router router, ServerOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(router), std::move(options))) {}

Server::~Server() {
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->core->draining = true;
  impl_->abort_all(false);
}

Status Server::start() {
  const auto& options = impl_->core->options;
  const auto endpoint = endpoint_of(impl_->executor, options);
  if (!endpoint) return fail(endpoint.error());
  auto& acceptor = impl_->acceptor;
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) impl_->port = acceptor.local_endpoint(error).port();
  if (error) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    return fail(bind_error(options, error));
  }
  asio::co_spawn(impl_->executor, [impl = impl_] { return impl->accept_loop(); }, Impl::ended);
  return {};
}

std::uint16_t Server::port() const { return impl_->port; }
std::size_t Server::connections() const { return impl_->core->connections.size(); }
std::size_t Server::in_flight() const { return impl_->core->in_flight; }

awaitable<void> Server::shutdown(Millis grace) {
  const auto impl = impl_;
  boost::system::error_code ignored;
  impl->acceptor.close(ignored);
  impl->core->draining = true;
  impl->core->connections_changed.cancel();
  impl->abort_all(true);
  co_await impl->wait_until_empty(std::chrono::steady_clock::now() + grace);
  impl->abort_all(false);
  co_await impl->wait_until_empty(SteadyTime::max());
}

}  // namespace npu::http
