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
// to them is answered where that is possible (400, 413, 431) and disconnected. A client that closes
// its sending side while its request is served counts as gone.
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
#include "http/dialect.hpp"
#include "http/router.hpp"

namespace npu::http {

// One answered request, for metrics and the access log.
struct Exchange {
  Method method = Method::kGet;
  std::string_view route;  // the pattern, "" where none matched
  std::string_view target;
  std::string_view id;
  std::string_view peer;
  int status = 0;  // 499: the client went away before it was answered
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  Duration took{};
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // an address or a name; the first address it resolves to
  std::uint16_t port = 0;          // 0: any free one
  // Over it the one that is idle longest is closed for a new one, else the one that is slowest to
  // send or to read, after slow_after; else accepting waits.
  std::size_t max_connections = 256;
  Millis slow_after = std::chrono::seconds(10);
  std::size_t max_header_bytes = 16 << 10;
  // Of request bodies of all connections, as they arrive. At least what one request may have.
  std::size_t max_buffered_bytes = std::size_t{512} << 20;
  // Of large response bodies of all connections that their readers have not taken yet. Over it a
  // further one becomes 503; a single one is always let through.
  std::size_t max_unsent_bytes = std::size_t{1} << 30;
  Millis header_timeout = std::chrono::seconds(10);    // from the first byte to the end of the head
  Millis body_timeout = std::chrono::seconds(120);     // the whole body
  Millis idle_timeout = std::chrono::seconds(75);      // between requests
  Millis write_timeout = std::chrono::seconds(60);     // for the client to read 4 MiB more
  Millis request_timeout = std::chrono::seconds(120);  // the handler, streaming included
  std::vector<std::string> api_keys{};  // if any: every route that is not open asks for one
  const Dialect* dialect = &kReferenceDialect;
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
  // The bound port, after start().
  std::uint16_t port() const;

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
