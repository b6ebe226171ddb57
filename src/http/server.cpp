#include "http/server.hpp"

#include <algorithm>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include "base/descriptors.hpp"
#include "base/log.hpp"
#include "http/connection.hpp"
#include "http/connection_text.hpp"
#include "http/listener.hpp"
#include "http/server_core.hpp"

namespace npu::http {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kFewestConnections = 4;

Error bind_error(const BindAddress& address, const boost::system::error_code& error) {
  const std::string at = endpoint_text(address.endpoint);
  if (error == asio::error::address_in_use) {
    return {ErrorCode::kBusy,
            fmt::format("cannot listen on {}: another program holds the port", at)};
  }
  const bool forbidden = error == asio::error::access_denied;
  return {forbidden ? ErrorCode::kPermission : ErrorCode::kUnavailable,
          fmt::format("cannot listen on {}: {}", at, error.message())};
}

bool is_missing_family(const boost::system::error_code& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

// No more connections than descriptors can be had for them.
ServerOptions within_descriptors(ServerOptions options) {
  const auto left = static_cast<double>(descriptors_left());
  const auto most =
      std::max(kFewestConnections, static_cast<std::size_t>(left * options.share_of_descriptors));
  const std::size_t wanted = options.max_connections + options.waiting_room;
  if (wanted <= most) return options;
  options.waiting_room = std::min(options.waiting_room, most / 4);
  options.max_connections = most - options.waiting_room;
  log::warning("{} descriptors are allowed: at most {} HTTP connections in place of {}",
               descriptor_limit(), most, wanted);
  return options;
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  Impl(asio::any_io_executor on, Router router, ServerOptions options)
      : executor(on),
        core(std::make_shared<ServerCore>(on, std::move(router),
                                          within_descriptors(std::move(options)))) {}

  // All addresses get the port that the first one has got. Of several, those that the machine does
  // not have are left out.
  Status listen() {
    const auto& options = core->options;
    const auto addresses = bind_addresses(executor, options.host, options.port);
    if (!addresses) return fail(addresses.error());
    std::optional<Error> missing;
    for (BindAddress address : *addresses) {
      if (!listeners.empty()) address.endpoint.port(listeners.front()->endpoint().port());
      auto listener = std::make_shared<Listener>(executor, core);
      const auto error = listener->open(address);
      if (!error) {
        listeners.push_back(std::move(listener));
        continue;
      }
      missing = bind_error(address, error);
      if (!is_missing_family(error)) break;
      if (addresses->size() == 1) continue;
      missing->code = ErrorCode::kUnsupported;
      if (error == boost::system::errc::address_not_available) {
        log::warning("{}", missing->message);
      }
    }
    if (missing && (listeners.empty() || missing->code != ErrorCode::kUnsupported)) {
      stop_listening();
      return fail(*missing);
    }
    return {};
  }

  void stop_listening() {
    for (const auto& listener : listeners) listener->close();
    listeners.clear();
  }

  void abort_all(bool waiting_only) {
    core->crowd.for_each([&](Connection& connection) {
      if (!waiting_only || connection.waits()) connection.abort();
    });
  }

  awaitable<void> wait_until_empty(SteadyTime until) {
    while (core->alive > 0 && std::chrono::steady_clock::now() < until) {
      core->connection_ended.expires_at(until);
      co_await core->connection_ended.async_wait(kTuple);
    }
  }

  static void ended(const std::exception_ptr& exception) {
    if (!exception) return;
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      log::error("http server: no more connections are accepted: {}", error.what());
    }
  }

  asio::any_io_executor executor;
  std::shared_ptr<ServerCore> core;
  std::vector<std::shared_ptr<Listener>> listeners;
};

Server::Server(asio::any_io_executor executor, Router router, ServerOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(router), std::move(options))) {}

Server::~Server() {
  impl_->stop_listening();
  impl_->core->draining = true;
  impl_->abort_all(false);
}

Status Server::start() {
  if (auto listening = impl_->listen(); !listening) return listening;
  for (const auto& listener : impl_->listeners) {
    asio::co_spawn(impl_->executor, [listener] { return listener->run(); }, Impl::ended);
  }
  return {};
}

std::uint16_t Server::port() const {
  return impl_->listeners.empty() ? 0 : impl_->listeners.front()->endpoint().port();
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> all;
  for (const auto& listener : impl_->listeners) all.push_back(endpoint_text(listener->endpoint()));
  return all;
}

std::size_t Server::connections() const { return impl_->core->alive; }
std::size_t Server::in_flight() const { return impl_->core->in_flight; }

awaitable<void> Server::shutdown(Millis grace) {
  const auto impl = impl_;
  impl->stop_listening();
  impl->core->draining = true;
  impl->core->connection_ended.cancel();
  impl->abort_all(true);
  impl->core->crowd.for_each([](Connection& connection) { connection.drain(); });
  co_await impl->wait_until_empty(std::chrono::steady_clock::now() + grace);
  impl->abort_all(false);
  co_await impl->wait_until_empty(SteadyTime::max());
}

}  // namespace npu::http
