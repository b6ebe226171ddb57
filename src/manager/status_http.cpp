#include "manager/status_http.hpp"

#include <boost/asio/awaitable.hpp>

#include "base/version.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

using http::Request;
using http::Response;
using Answer = boost::asio::awaitable<Result<Response>>;

}  // namespace

std::unique_ptr<http::Server> make_status_server(boost::asio::any_io_executor executor,
                                                 const HttpBind& bind, StatusPages pages) {
  const auto shared = std::make_shared<StatusPages>(std::move(pages));
  http::Router router;
  router.get("/v1/device/status", [shared](Request request) -> Answer {
    if (request.target != request.path) co_return http::kOllamaDialect.no_route(404);
    co_return Response::json(shared->device_status());
  });
  router.get("/health", [shared](Request) -> Answer {
    co_return Response::json(json::object{{"status", "ok"},
                                          {"service", "hailo-device-manager"},
                                          {"version", version()},
                                          {"device", shared->trouble().value_or("ok")}});
  });
  router.get("/health/ready", [shared](Request) -> Answer {
    const bool ready = shared->ready();
    co_return Response::json(json::object{{"ready", ready}}, ready ? 200 : 503);
  });
  router.get("/metrics", [shared](Request) -> Answer {
    co_return Response::bytes(shared->metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
  http::ServerOptions options;
  options.host = bind.host;
  options.port = bind.port;
  options.max_connections = 32;
  options.max_buffered_bytes = 1 << 20;
  options.dialect = &http::kOllamaDialect;
  return std::make_unique<http::Server>(std::move(executor), std::move(router), std::move(options));
}

}  // namespace npu::manager
