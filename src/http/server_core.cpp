#include "http/server_core.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "http/connection.hpp"

namespace npu::http {
namespace {

// Twice the largest body: a single client has half of the memory.
ServerOptions with_room_for_bodies(ServerOptions options, const Router& router) {
  options.max_buffered_bytes = std::max(options.max_buffered_bytes, 2 * router.largest_body());
  return options;
}

}  // namespace

ServerCore::ServerCore(boost::asio::any_io_executor executor, Router routes,
                       ServerOptions server_options)
    : router(std::move(routes)),
      options(with_room_for_bodies(std::move(server_options), router)),
      keys(options.api_keys),
      places(options.max_connections),
      buffered(options.max_buffered_bytes),
      in_memory(options.max_body_memory),
      unsent(options.max_unsent_bytes),
      departures(executor),
      connection_ended(executor, SteadyTime::max()) {}

bool ServerCore::make_room() {
  if (!is_full()) return true;
  if (crowded.begins(std::chrono::steady_clock::now())) {
    log::warning("all {} connections are taken: those that wait longest give way to new ones",
                 crowd.size());
  }
  return abort_longest_waiting();
}

bool ServerCore::abort_longest_waiting() {
  Connection* connection = crowd.longest_waiting();
  if (connection == nullptr) return false;
  connection->abort();
  return true;
}

bool ServerCore::take_place(FairShare::Part& place, ClientKey client) {
  if (place.grow_to(1)) return true;
  const Crowd::Member* slow = crowd.slowest(client);
  const auto latest = std::chrono::steady_clock::now() - options.slow_after;
  if (slow == nullptr || slow->since > latest) return false;
  slow->connection->abort();
  return place.grow_to(1);
}

}  // namespace npu::http
