// What a server's connections share. Internal to http/.
#pragma once

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
        connection_ended(executor, boost::asio::steady_timer::time_point::max()) {}

  Router router;
  ServerOptions options;
  BearerKeys keys;
  std::unordered_set<Connection*> connections;
  boost::asio::steady_timer connection_ended;  // cancelled whenever one ends
  std::size_t in_flight = 0;
  std::size_t buffered_bytes = 0;
  bool draining = false;
};

}  // namespace npu::http
