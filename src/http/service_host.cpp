#include "http/service_host.hpp"

#include <algorithm>
#include <csignal>
#include <deque>
#include <fstream>

#include <systemd/sd-daemon.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <fmt/ranges.h>

#include "base/descriptors.hpp"
#include "base/log.hpp"
#include "base/version.hpp"
#include "http/body_spool.hpp"
#include "http/http_metrics.hpp"
#include "http/server.hpp"

namespace npu::http {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

// One is not held up by what another one has to wait for.
constexpr std::size_t kDiskThreads = 2;

std::size_t size(int value) { return static_cast<std::size_t>(value); }

ServerOptions server_options(const HostConfig& config, WorkPool& pool, WorkPool& disk_pool,
                             const BodySpool& spool) {
  return {.host = config.host,
          .port = static_cast<std::uint16_t>(config.port),
          .max_connections = size(config.max_connections),
          .slow_after = Millis(config.slow_after_ms),
          .max_header_bytes = size(config.max_header_kb) << 10,
          .max_buffered_bytes = size(config.max_upload_mb) << 20,
          .max_body_memory = size(config.max_body_memory_mb) << 20,
          .spool = &spool,
          .disk_pool = &disk_pool,
          .max_unsent_bytes = size(config.max_unsent_mb) << 20,
          .header_timeout = Millis(config.header_timeout_ms),
          .idle_timeout = Millis(config.idle_timeout_ms),
          .stall_timeout = Millis(config.stall_timeout_ms),
          .min_transfer_rate = size(config.min_transfer_rate),
          .request_timeout = Millis(config.request_timeout_ms),
          .stream_idle_timeout = Millis(config.stream_idle_timeout_ms),
          .api_keys = config.api_keys,
          .pool = &pool,
          .dialect = config.dialect};
}

constexpr std::size_t kMostOfPath = 200;  // in the log

void log_exchange(const Exchange& exchange) {
  const double ms = std::chrono::duration<double, std::milli>(exchange.took).count();
  // Heads that do not arrive come by the thousand.
  const bool no_request = exchange.status == 408 && exchange.id.empty();
  const auto level = no_request               ? log::Level::kDebug
                     : exchange.status >= 500 ? log::Level::kWarning
                     : exchange.status >= 400 ? log::Level::kInfo
                                              : log::Level::kDebug;
  if (!log::enabled(level)) return;
  // Without the query: names of people are there, and what clients take for the place of a key.
  const auto path = exchange.target.substr(0, std::min(exchange.target.find('?'), kMostOfPath));
  const auto address = exchange.peer.substr(0, exchange.peer.rfind(':'));
  log::write(level, {.request = exchange.id, .client = address},
             fmt::format("req={} {} {} {} {:.1f}ms in={} out={} peer={}{}{}", exchange.id,
                         name_of(exchange.method), path, exchange.status, ms, exchange.bytes_in,
                         exchange.bytes_out, exchange.peer, exchange.note.empty() ? "" : ": ",
                         exchange.note));
}

void describe(json::object& body, const Condition& condition) {
  body["reason"] = condition.reason();
  if (!condition.detail().empty()) body["detail"] = condition.detail();
}

// Beside all that is missing, what is missing first: with most services there is only one.
json::object readiness_body(const Readiness& readiness) {
  json::object body{{"ready", readiness.ready()}};
  json::array missing;
  for (const Condition& condition : readiness.conditions()) {
    if (condition.ready()) continue;
    if (missing.empty()) describe(body, condition);
    json::object one{{"name", condition.name()}};
    describe(one, condition);
    missing.push_back(std::move(one));
  }
  if (!missing.empty()) body["conditions"] = std::move(missing);
  return body;
}

// The holder is not named: confined as they are, services see no other processes.
std::string port_advice(std::string_view name) {
  return fmt::format(
      "; stop that one, or move this service by server.port in /etc/hailo/{0}.yaml "
      "(which program it is:  sudo hailoctl services list {0})",
      name);
}

void log_exception(std::string_view what, const std::exception_ptr& exception) {
  if (!exception) return;
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) log::error("{}: {}", what, error.what());
  } catch (const std::exception& error) {
    log::error("{}: {}", what, error.what());
  }
}

}  // namespace

class ServiceHost::Impl {
 public:
  explicit Impl(HostConfig host_config)
      : config(std::move(host_config)),
        io(1),
        pool({.threads = static_cast<std::size_t>(config.threads),
              .max_waiting = static_cast<std::size_t>(config.max_waiting)}),
        disk_pool({.threads = kDiskThreads}),
        spool({.folder = config.spool_dir, .over = size(config.spool_over_kb) << 10}),
        metrics(config.name),
        health([name = config.name] { return json::object{{"status", "ok"}, {"service", name}}; }) {
  }

  void add_own_routes() {
    const RouteOptions open{.max_body = 0, .open = true, .vital = true};
    router.get(
        "/health",
        [this](Request) -> awaitable<Result<Response>> {
          co_return Response::json(health(), 200, config.health_style);
        },
        open);
    router.get(
        "/health/ready",
        [this](Request) -> awaitable<Result<Response>> {
          co_return Response::json(readiness_body(readiness), readiness.ready() ? 200 : 503,
                                   JsonStyle::kSpaced);
        },
        open);
    router.get(
        "/metrics",
        [this](Request) -> awaitable<Result<Response>> {
          co_return Response::bytes(metrics.text(server->in_flight(), readiness.ready()),
                                    "text/plain; version=0.0.4; charset=utf-8");
        },
        open);
    if (config.openapi.empty()) return;
    router.get("/openapi.json",
               [this](Request) -> awaitable<Result<Response>> {
                 co_return Response::json_text(std::string(config.openapi));
               },
               {.max_body = 0, .open = true});
  }

  void log_routes() const {
    std::vector<std::string> routes;
    for (const Route& route : router.routes()) {
      routes.push_back(fmt::format("{} {}", name_of(route.method), route.pattern));
    }
    log::debug("routes: {}", fmt::join(routes, ", "));
  }

  Status start() {
    add_own_routes();
    log_routes();
    auto cors = CorsPolicy::make(config.cors_origins);
    if (!cors) return fail(cors.error());
    auto options = server_options(config, pool, disk_pool, spool);
    // Bodies that stay in memory are taken all the same.
    (void)spool.create();
    options.cors = std::move(*cors);
    options.observe = [this](const Exchange& exchange) {
      metrics.observe(exchange);
      log_exchange(exchange);
    };
    server.emplace(io.get_executor(), std::move(router), std::move(options));
    if (auto started = server->start(); !started) return started;
    if (!config.port_file.empty()) {
      std::ofstream file(config.port_file + ".new", std::ios::trunc);
      file << server->port() << '\n';
      file.close();
      if (!file ||
          std::rename((config.port_file + ".new").c_str(), config.port_file.c_str()) != 0) {
        return fail(ErrorCode::kInvalidArgument, "cannot write the port file " + config.port_file);
      }
    }
    return {};
  }

  void spawn(std::function<awaitable<void>()> task) {
    auto& cancel = cancels.emplace_back();
    ++running_tasks;
    asio::co_spawn(
        io, [task = std::move(task)] { return task(); },
        asio::bind_cancellation_slot(cancel.slot(), [this](const std::exception_ptr& exception) {
          log_exception("a task of the service ended", exception);
          --running_tasks;
          task_ended.cancel();
        }));
  }

  awaitable<void> serve_until_signal() {
    asio::signal_set signals(io, SIGTERM, SIGINT);
    const auto number = std::get<1>(co_await signals.async_wait(kTuple));
    log::info("stopping on signal {}", number);
    ::sd_notify(0, "STOPPING=1");
    self.set_not_ready("stopping");
    asio::co_spawn(
        io,
        [this, &signals]() -> awaitable<void> {
          const auto [error, again] = co_await signals.async_wait(kTuple);
          if (!error) co_await server->shutdown(Millis(0));
        },
        asio::detached);
    co_await server->shutdown(Millis(config.shutdown_grace_ms));
    signals.cancel();
    for (auto& cancel : cancels) cancel.emit(asio::cancellation_type::terminal);
    for (auto& task : stop_tasks) spawn(std::move(task));
    task_ended.expires_after(Millis(config.shutdown_grace_ms));
    while (running_tasks > 0 && task_ended.expiry() > std::chrono::steady_clock::now()) {
      co_await task_ended.async_wait(kTuple);
    }
  }

  awaitable<void> feed_watchdog(std::chrono::microseconds interval) {
    asio::steady_timer timer(io);
    for (;;) {
      ::sd_notify(0, "WATCHDOG=1");
      timer.expires_after(interval / 2);
      if (std::get<0>(co_await timer.async_wait(kTuple))) co_return;
    }
  }

  HostConfig config;
  asio::io_context io;
  WorkPool pool;
  WorkPool disk_pool;  // a slow disk must not keep pictures from decoding
  BodySpool spool;
  HttpMetrics metrics;
  Readiness readiness;
  Condition& self = readiness.add("service");
  Router router;
  std::optional<Server> server;
  std::function<json::object()> health;
  std::deque<std::function<awaitable<void>()>> tasks;
  std::deque<asio::cancellation_signal> cancels;
  std::size_t running_tasks = 0;
  asio::steady_timer task_ended{io};
  std::vector<std::function<awaitable<void>()>> stop_tasks;
};

ServiceHost::ServiceHost(HostConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
ServiceHost::~ServiceHost() = default;

asio::any_io_executor ServiceHost::executor() { return impl_->io.get_executor(); }
Router& ServiceHost::router() { return impl_->router; }
WorkPool& ServiceHost::pool() { return impl_->pool; }
Readiness& ServiceHost::readiness() { return impl_->readiness; }
prometheus::Registry& ServiceHost::metrics() { return impl_->metrics.registry(); }
void ServiceHost::set_health(std::function<json::object()> health) {
  impl_->health = std::move(health);
}
void ServiceHost::in_background(std::function<awaitable<void>()> task) {
  impl_->tasks.push_back(std::move(task));
}
void ServiceHost::on_stop(std::function<awaitable<void>()> task) {
  impl_->stop_tasks.push_back(std::move(task));
}

int ServiceHost::run() {
  Impl& impl = *impl_;
  raise_descriptor_limit();
  if (const auto started = impl.start(); !started) {
    const bool taken = started.error().code == ErrorCode::kBusy;
    log::error("{}{}", started.error().message, taken ? port_advice(impl.config.name) : "");
    return 1;
  }
  log::info("{} {} listens on {}", impl.config.name, version(),
            fmt::join(impl.server->addresses(), ", "));
  for (auto& task : impl.tasks) impl.spawn(std::move(task));
  std::uint64_t watchdog_usec = 0;
  if (::sd_watchdog_enabled(0, &watchdog_usec) > 0) {
    asio::co_spawn(impl.io, impl.feed_watchdog(std::chrono::microseconds(watchdog_usec)),
                   asio::detached);
  }
  asio::co_spawn(impl.io, impl.serve_until_signal(), [&](const std::exception_ptr& exception) {
    log_exception("shutdown", exception);
    impl.io.stop();
  });
  impl.self.set_ready();
  ::sd_notify(0, "READY=1");
  try {
    impl.io.run();
  } catch (const std::exception& error) {
    log::error("event loop: {}", error.what());
    return 1;
  }
  log::info("stopped");
  return 0;
}

}  // namespace npu::http
