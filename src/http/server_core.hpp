// What a server's connections share. Internal to http/.
#pragma once

#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/episode.hpp"
#include "http/bearer.hpp"
#include "http/crowd.hpp"
#include "http/departure_watch.hpp"
#include "http/fair_share.hpp"
#include "http/server.hpp"

namespace npu::http {

// Waits in a coroutine; what goes wrong is a value.
inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

struct ServerCore {
  // most_connections: of which options.waiting_room are for those without a place.
  ServerCore(boost::asio::any_io_executor executor, Router routes, ServerOptions server_options);

  // For one more connection: where there is no room, the one that waits longest is aborted. False:
  // none of them waits.
  bool make_room();
  bool is_full() const { return crowd.size() >= options.max_connections + options.waiting_room; }
  bool abort_longest_waiting();
  // A place for a request of this client; where he has as many as he may, one of his that has been
  // slow for options.slow_after gives its own up.
  bool take_place(FairShare::Part& place, ClientKey client);

  Router router;
  ServerOptions options;
  BearerKeys keys;
  Crowd crowd;
  FairShare places;     // requests between their head and the end of their answer
  FairShare buffered;   // bytes of request bodies
  FairShare in_memory;  // of these, what is in memory while there is a spool
  FairShare unsent;     // bytes of large response bodies
  DepartureWatch departures;
  Episode crowded;
  // Cancelled when a connection ends.
  boost::asio::steady_timer connection_ended;
  std::size_t alive = 0;  // connections that have not ended, aborted ones included
  std::size_t in_flight = 0;
  bool draining = false;
};

}  // namespace npu::http
