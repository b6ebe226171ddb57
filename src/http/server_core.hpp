// What a server's connections share. Internal to http/.
#pragma once

#include <algorithm>
#include <memory>
#include <unordered_set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/bearer.hpp"
#include "http/server.hpp"

namespace npu::http {

class Connection;

// Waits in a coroutine; what goes wrong is a value.
inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

struct ServerCore {
  ServerCore(boost::asio::any_io_executor executor, Router routes, ServerOptions server_options)
      : router(std::move(routes)),
        options(std::move(server_options)),
        keys(options.api_keys),
        connections_changed(executor, SteadyTime::max()) {
    options.max_buffered_bytes = std::max(options.max_buffered_bytes, router.largest_body());
  }

  bool full() const { return connections.size() >= options.max_connections; }

  Router router;
  ServerOptions options;
  BearerKeys keys;
  std::unordered_set<Connection*> connections;
  // Cancelled whenever one ends and, while it is full(), when one becomes idle.
  boost::asio::steady_timer connections_changed;
  std::size_t in_flight = 0;
  std::size_t buffered_bytes = 0;
  std::size_t unsent_bytes = 0;
  bool draining = false;
};

}  // namespace npu::http
