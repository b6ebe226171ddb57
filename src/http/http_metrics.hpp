// Prometheus metrics of an HTTP service:
//   hailo_http_requests_total{method,route,status}      counter; status as in Exchange
//   hailo_http_request_duration_seconds{route}          histogram
//   hailo_http_requests_in_flight                       gauge
//   hailo_service_ready                                 gauge, 0 or 1
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <prometheus/registry.h>

#include "http/server.hpp"

namespace npu::http {

class HttpMetrics {
 public:
  // service becomes the label `service` of every metric of this class.
  explicit HttpMetrics(const std::string& service);
  ~HttpMetrics();

  void observe(const Exchange& exchange);
  // The text exposition format. What the gauges shall say.
  std::string text(std::size_t in_flight, bool ready) const;
  // For the service's own metrics.
  prometheus::Registry& registry();

 private:
  struct Families;
  prometheus::Registry registry_;
  std::unique_ptr<Families> families_;
};

}  // namespace npu::http
