#include "manager/status/status_http.hpp"

#include <boost/asio/awaitable.hpp>

#include "base/version.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

using http::Request;
using http::Response;
using Answer = boost::asio::awaitable<Result<Response>>;

// As the reference's server says it, of HEAD too.
Response unsupported_method() {
  return Response::bytes("<!DOCTYPE HTML>\n<title>501</title>\n<p>Only GET is supported.</p>\n",
                         "text/html;charset=utf-8", 501);
}

// {"error":text} for everything.
Response error_body(int status, const Error& error) {
  return Response::json({{"error", error.message}}, status);
}

Response no_route(int status) {
  return error_body(status,
                    {ErrorCode::kNotFound, status == 404 ? "Not found" : "Method not allowed"});
}

constexpr http::Dialect kStatusDialect{"status", error_body, no_route};

Answer answer(Response response) { co_return response; }

// Pages are made for GET.
template <class Page>
void add_page(http::Router& router, std::string pattern, Page page) {
  router.get(std::move(pattern),
             [page = std::move(page)](Request request) -> Answer {
               const bool is_get = request.method == http::Method::kGet;
               return answer(is_get ? page(request) : unsupported_method());
             },
             {.max_body = 0, .vital = true});
}

}  // namespace

std::unique_ptr<http::Server> make_status_server(boost::asio::any_io_executor executor,
                                                 const HttpBind& bind, StatusPages pages) {
  const auto shared = std::make_shared<StatusPages>(std::move(pages));
  http::Router router;
  add_page(router, "/v1/device/status", [shared](const Request& request) {
    if (request.target != request.path) return no_route(404);
    return Response::json(shared->device_status());
  });
  add_page(router, "/health", [shared](const Request&) {
    return Response::json(json::object{{"status", "ok"},
                                       {"service", "hailo-device-manager"},
                                       {"version", version()},
                                       {"device", shared->trouble().value_or("ok")}});
  });
  add_page(router, "/health/ready", [shared](const Request&) {
    const bool ready = shared->ready();
    return Response::json(json::object{{"ready", ready}}, ready ? 200 : 503);
  });
  add_page(router, "/metrics", [shared](const Request&) {
    return Response::bytes(shared->metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
  add_page(router, "/{path...}", [](const Request&) { return no_route(404); });
  using enum http::Method;
  for (const http::Method other : {kPost, kPut, kPatch, kDelete, kOptions, kOther}) {
    router.add(other, "/{path...}", [](Request) { return answer(unsupported_method()); });
  }
  http::ServerOptions options;
  options.host = bind.host;
  options.port = bind.port;
  options.max_connections = 64;
  options.waiting_room = 2240;
  options.share_of_descriptors = 0.125;  // they are for the clients of the device first
  options.max_buffered_bytes = 1 << 20;
  options.dialect = &kStatusDialect;
  return std::make_unique<http::Server>(std::move(executor), std::move(router), std::move(options));
}

}  // namespace npu::manager
