// The manager's HTTP endpoints: /v1/device/status, /health, /health/ready, /metrics.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/json.hpp>

#include "http/server.hpp"
#include "manager/settings/http_bind.hpp"

namespace npu::manager {

struct StatusPages {
  std::function<boost::json::object()> device_status;
  std::function<std::optional<std::string>()> trouble;  // with the device
  std::function<bool()> ready;
  std::function<std::string()> metrics;
};

// Serves on the event loop. An address that cannot be bound is an error of start().
std::unique_ptr<http::Server> make_status_server(boost::asio::any_io_executor executor,
                                                 const HttpBind& bind, StatusPages pages);

}  // namespace npu::manager
