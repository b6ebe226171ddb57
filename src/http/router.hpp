// Which handler answers a method and a path.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <npu/result.hpp>

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/websocket.hpp"

namespace npu::http {

// Runs on the server's executor and must not block it. Cancelled (a co_await then throws
// operation_aborted, which may pass through) when the client goes away or the deadline passes.
// Exceptions become 500 without their text.
using Handler = std::function<awaitable<Result<Response>>(Request)>;

struct Dialect;

struct RouteOptions {
  std::size_t max_body = 1 << 20;  // bytes; more is answered with 413 before it is read.
                                   // Of GET and HEAD a small one is read and thrown away
  // For the handler, and the first piece of a stream, in place of the server's.
  std::optional<Millis> timeout{};
  // Between two pieces of a stream, in place of the server's; 0: as long as it likes.
  std::optional<Millis> stream_idle_timeout{};
  const Dialect* dialect = nullptr;  // of its errors; nullptr: the server's
  bool open = false;                 // no bearer key is asked for
  // Served even where no place is free: for what watches the service. Its handler has to be quick.
  bool vital = false;
};

struct Route {
  Method method = Method::kGet;
  std::string pattern;
  std::vector<std::string> segments;
  Handler handler;
  WebSocketHandler websocket;  // in place of handler
  RouteOptions options;
};

class Router {
 public:
  // pattern: "/v1/models/{name}": {name} matches one segment, {name...} at the end matches the rest
  // of the path, slashes included. Patterns are tried in the order in which they were added.
  Router& add(Method method, std::string pattern, Handler handler, RouteOptions options = {});
  Router& get(std::string pattern, Handler handler, RouteOptions options = {});
  Router& post(std::string pattern, Handler handler, RouteOptions options = {});

  // GET that asks for an upgrade; others are answered with 426.
  Router& websocket(std::string pattern, WebSocketHandler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;  // valid while the router is not changed
    std::vector<std::pair<std::string, std::string>> params;
    std::string allow;  // where another method would have matched: the value of Allow
    // The route's. Where none fits, that of the route that has the most first segments in common
    // with the path: an unknown /v1/x is answered as /v1/models is. nullptr: the server's.
    const Dialect* dialect = nullptr;
  };
  // encoded_path: as in the request, percent-encoded. HEAD finds the route of GET.
  // Fails with kMalformed on a wrong percent-encoding.
  Result<Match> find(Method method, std::string_view encoded_path) const;

  const std::vector<Route>& routes() const { return routes_; }
  // The largest max_body of its routes.
  std::size_t largest_body() const;

 private:
  std::vector<Route> routes_;
};

}  // namespace npu::http
