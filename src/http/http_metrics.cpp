#include "http/http_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

namespace npu::http {

struct HttpMetrics::Families {
  Families(prometheus::Registry& registry, const std::string& service)
      : requests(prometheus::BuildCounter()
                     .Name("hailo_http_requests_total")
                     .Help("Answered HTTP requests")
                     .Labels({{"service", service}})
                     .Register(registry)),
        durations(prometheus::BuildHistogram()
                      .Name("hailo_http_request_duration_seconds")
                      .Help("From the request's head to the end of its response")
                      .Labels({{"service", service}})
                      .Register(registry)),
        in_flight(prometheus::BuildGauge()
                      .Name("hailo_http_requests_in_flight")
                      .Help("Requests being served")
                      .Labels({{"service", service}})
                      .Register(registry)
                      .Add({})),
        ready(prometheus::BuildGauge()
                  .Name("hailo_service_ready")
                  .Help("1 while the service has all that it needs, as /health/ready says")
                  .Labels({{"service", service}})
                  .Register(registry)
                  .Add({})) {}

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& durations;
  prometheus::Gauge& in_flight;
  prometheus::Gauge& ready;
};

HttpMetrics::HttpMetrics(const std::string& service)
    : families_(std::make_unique<Families>(registry_, service)) {}
HttpMetrics::~HttpMetrics() = default;

prometheus::Registry& HttpMetrics::registry() { return registry_; }

void HttpMetrics::observe(const Exchange& exchange) {
  static const prometheus::Histogram::BucketBoundaries kSeconds{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};
  const std::string route(exchange.route.empty() ? "none" : exchange.route);
  families_->requests
      .Add({{"method", std::string(name_of(exchange.method))},
            {"route", route},
            {"status", std::to_string(exchange.status)}})
      .Increment();
  families_->durations.Add({{"route", route}}, kSeconds)
      .Observe(std::chrono::duration<double>(exchange.took).count());
}

std::string HttpMetrics::text(std::size_t in_flight, bool ready) const {
  families_->in_flight.Set(static_cast<double>(in_flight));
  families_->ready.Set(ready ? 1 : 0);
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace npu::http
