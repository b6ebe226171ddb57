// An HTTP/1.1 server on one executor.
//
//   Router router;
//   router.get("/v1/models", [&](Request) -> awaitable<Result<Response>> { ... });
//   Server server(io.get_executor(), std::move(router), {.port = 0});
//   if (auto bound = server.start(); !bound) return fail(bound.error());
//   log::info("listening on port {}", server.port());
//   ...
//   co_await server.shutdown(std::chrono::seconds(10));
//
// Everything runs on the executor, which one thread runs: handlers of different connections
// interleave at their co_awaits. One connection serves one request at a time; pipelined requests
// wait. What clients send is bounded in size and time by the options; a client that does not keep
// to them is answered where that is possible (400, 408, 413, 415, 431) and disconnected. A client
// that closes its sending side with its request gets its answer; one that closes it later, while
// the request is served, counts as gone.
//
// Whoever connects is accepted at once. Where there are too many, the connection that waits longest
// gives way: idle, with half a head, or done with. Requests beyond max_connections, or beyond what
// their client may have of them, are answered 503; routes that are vital are always served.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "http/cors.hpp"
#include "http/dialect.hpp"
#include "http/router.hpp"

namespace npu::http {

class BodySpool;
class WorkPool;

// One answered request, for metrics and the access log.
struct Exchange {
  Method method = Method::kGet;
  std::string_view route;  // the pattern, "" where none matched
  std::string_view target;
  std::string_view id;
  std::string_view peer;
  std::string_view note;  // what the log adds to it, "" mostly
  // 499: the client went away before it was answered. Of a stream that failed after its first
  // piece: the status that it would have had before.
  int status = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  Duration took{};
};

struct ServerOptions {
  // An address, with or without brackets; a name, of which all addresses are taken; "*" for all
  // addresses of the machine; "" for 127.0.0.1.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  // Requests from the end of their head to the end of their answer. One client (client_key.hpp) has
  // at most as many as are then still free; so it is for the bytes below.
  std::size_t max_connections = 1024;
  // Connections beyond these: idle, with half a head, or for vital routes. An idle one has 10 KB.
  std::size_t waiting_room = 3072;
  // Of the descriptors that are left at the start: fewer of these mean fewer connections.
  double share_of_descriptors = 0.5;
  // Where no place is left for a request, one whose client has been slow for so long is closed.
  Millis slow_after = std::chrono::seconds(10);
  std::size_t max_header_bytes = 16 << 10;
  // Of request bodies of all connections, as they arrive, in memory and on disk. At least twice
  // what one request may have.
  std::size_t max_buffered_bytes = std::size_t{1} << 30;
  // Of these in memory; what is beyond it goes to disk as the bodies do that are larger than the
  // spool wants them. Without a spool all of them are in memory.
  std::size_t max_body_memory = std::size_t{32} << 20;
  const BodySpool* spool = nullptr;
  WorkPool* disk_pool = nullptr;  // writes bodies to disk; without one the executor's thread does
  // Of large response bodies of all connections that their readers have not taken yet. Over it a
  // further one becomes 503; a single one is always let through.
  std::size_t max_unsent_bytes = std::size_t{64} << 20;
  Millis header_timeout = std::chrono::seconds(10);  // from the first byte to the end of the head
  Millis idle_timeout = std::chrono::seconds(75);    // between requests
  // A body, and an answer to its reader, may take as long as they want as long as they move (http/
  // minimum_rate.hpp): no pause of stall_timeout, and over a longer time so many bytes a second.
  Millis stall_timeout = std::chrono::seconds(30);
  std::size_t min_transfer_rate = 1024;
  Millis request_timeout = std::chrono::seconds(120);  // the handler, or its stream's first piece
  Millis stream_idle_timeout = std::chrono::seconds(60);  // between two pieces of a stream
  Millis sse_comment_after = std::chrono::seconds(15);    // of quiet in a stream of events
  // A client that closes its sending side this soon after its request only sends no more.
  Millis half_close_within = std::chrono::seconds(1);
  std::vector<std::string> api_keys{};  // if any: every route that is not open asks for one
  CorsPolicy cors{};                    // which web pages may use it; default: none
  WorkPool* pool = nullptr;  // inflates compressed bodies; without one the executor's thread does
  const Dialect* dialect = &kReferenceDialect;  // of routes that have none
  std::function<void(const Exchange&)> observe{};
};

class Server {
 public:
  Server(boost::asio::any_io_executor executor, Router router, ServerOptions options);
  // Stops accepting and aborts what is open. Handlers that are still running end at their next
  // co_await; what they refer to has to outlive them: destroy it after the io_context, or call
  // shutdown() first.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to accept. Fails with kUnavailable, kPermission or kInvalidArgument.
  Status start();
  // What is bound, after start(): the port, and "127.0.0.1:80", "[::1]:80".
  std::uint16_t port() const;
  std::vector<std::string> addresses() const;

  std::size_t connections() const;
  std::size_t in_flight() const;  // requests between their head and the end of their response

  // Stops accepting, closes idle connections, lets requests in flight finish for at most `grace`,
  // then cancels them. Completes when no connection is left.
  awaitable<void> shutdown(Millis grace);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace npu::http
