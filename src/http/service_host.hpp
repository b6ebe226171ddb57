// What every HTTP service process has in common: event loop, server, work pool, health, metrics,
// signals and the talk with systemd.
//
//   HostConfig config{.name = "hailo-depth", .port = 11439};
//   Settings settings("hailo-depth", "...");
//   add_host_settings(settings, config);
//   ... load ...
//   ServiceHost host(config);
//   DepthService service(host);
//   service.add_routes(host.router());
//   host.in_background([&] { return service.keep_loaded(); });
//   return host.run();
//
// Routes of the host, open without a key: GET /health, /health/ready, /metrics, /openapi.json.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/fwd.hpp>

#include "http/dialect.hpp"
#include "http/readiness.hpp"
#include "http/router.hpp"
#include "http/work_pool.hpp"

namespace prometheus {
class Registry;
}

namespace npu {
class Settings;
}

namespace npu::http {

// The limits are those of ServerOptions.
struct HostConfig {
  std::string name;
  std::string host = "127.0.0.1";
  int port = 0;
  std::string port_file{};  // the bound port is written here once connections are accepted
  std::vector<std::string> api_keys{};
  std::vector<std::string> cors_origins{};
  int max_connections = 1024;
  int slow_after_ms = 10'000;
  int max_header_kb = 16;
  int max_upload_mb = 1024;
  int max_body_memory_mb = 32;
  int spool_over_kb = 1024;
  std::string spool_dir{};  // "": where systemd says, else /var/tmp
  int max_unsent_mb = 64;
  int header_timeout_ms = 10'000;
  int idle_timeout_ms = 75'000;
  int stall_timeout_ms = 30'000;
  int min_transfer_rate = 1024;
  int request_timeout_ms = 120'000;
  int stream_idle_timeout_ms = 60'000;
  int shutdown_grace_ms = 20'000;
  int threads = 0;        // of the work pool; 0: one a core
  int max_waiting = 128;  // jobs that wait for the pool; over it 503
  std::string log_level = "info";
  const Dialect* dialect = &kReferenceDialect;
  JsonStyle health_style = JsonStyle::kSpaced;
  std::string_view openapi{};  // an OpenAPI 3.1 document in JSON, served at /openapi.json; "": none
};

// server.host, server.port, server.api_keys, ... and their flags and environment variables, which
// begin with the name in capitals: HAILO_DEPTH_PORT.
void add_host_settings(Settings& settings, HostConfig& config);

class ServiceHost {
 public:
  explicit ServiceHost(HostConfig config);
  ~ServiceHost();
  ServiceHost(const ServiceHost&) = delete;
  ServiceHost& operator=(const ServiceHost&) = delete;

  boost::asio::any_io_executor executor();
  Router& router();  // until run()
  WorkPool& pool();
  Readiness& readiness();
  prometheus::Registry& metrics();

  // The body of /health; default {"status": "ok", "service": name}.
  void set_health(std::function<boost::json::object()> health);
  // A coroutine that begins with run() and is cancelled when the service stops.
  void in_background(std::function<awaitable<void>()> task);
  // Runs after the last request was answered, beside the others of its kind: unload, disconnect.
  // They have the grace period together.
  void on_stop(std::function<awaitable<void>()> task);

  // Serves until SIGTERM or SIGINT, then stops accepting, finishes what is in flight within the
  // grace period and returns the exit status. A second signal ends the wait.
  int run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace npu::http
