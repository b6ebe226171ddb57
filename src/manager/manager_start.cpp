// Manager: from nothing to serving. The socket opens last: whoever can connect is served.
#include <algorithm>
#include <csignal>
#include <new>

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <fmt/ranges.h>

#include "base/log.hpp"
#include "manager/clients/session.hpp"
#include "manager/manager.hpp"
#include "manager/status/status_http.hpp"

namespace npu::manager {
namespace {

Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

double grace(double seconds) { return std::max(1.0, seconds / 10); }

broker::Options broker_options(const Config& config) {
  broker::Options options;
  options.max_queued = config.max_queued;
  options.max_queued_per_client = config.max_queued_per_client;
  options.max_queued_bytes =
      std::max<std::uint64_t>(config.max_payload_bytes, options.max_queued_bytes);
  options.aging = from_seconds(config.aging);
  options.realtime_share = config.realtime_share;
  options.default_keep_alive =
      config.keep_alive < 0 ? Duration::max() : from_seconds(config.keep_alive);
  options.min_residency = from_seconds(config.min_residency);
  options.load_watchdog = from_seconds(config.load_timeout);
  // A worker ends by itself what it can (device::OpenOptions::run_limit), and is ended only then.
  options.infer_watchdog = from_seconds(config.infer_timeout + grace(config.infer_timeout));
  options.generation_watchdog = from_seconds(config.generation_timeout);
  options.first_refusal = from_seconds(config.quarantine);
  options.idle_lane = from_seconds(config.idle_lane);
  options.device_wait = from_seconds(config.device_wait);
  options.max_models = config.max_models;
  options.max_models_per_user = config.max_models_per_user;
  options.max_pins_per_user = config.max_pins;
  options.max_pinned_share = config.pinned_share;
  return options;
}

std::vector<std::string> worker_arguments(const Config& config) {
  std::vector<std::string> arguments{"--log-level", config.log_level};
  if (!config.sim_profile.empty()) {
    arguments.insert(arguments.end(), {"--sim-profile", config.sim_profile});
  }
  if (config.device == "sim") {
    arguments.insert(arguments.end(), {"--sim-state", sim_state_path(config)});
  }
  if (!config.adapter_dir.empty()) {
    arguments.insert(arguments.end(), {"--adapter-dir", config.adapter_dir});
  }
  if (!config.model_dirs.empty()) {
    arguments.insert(arguments.end(),
                     {"--model-dirs", fmt::format("{}", fmt::join(config.model_dirs, ":"))});
  }
  if (!config.confine) arguments.emplace_back("--no-confine");
  if (!config.also_opens.empty()) {
    arguments.insert(arguments.end(),
                     {"--also-opens", fmt::format("{}", fmt::join(config.also_opens, ":"))});
  }
  arguments.insert(arguments.end(), {"--group-id", config.group_id});
  arguments.insert(arguments.end(), {"--realtime-fps", fmt::format("{}", config.realtime_fps)});
  arguments.insert(arguments.end(), {"--model-memory", std::to_string(config.model_memory)});
  arguments.insert(arguments.end(), {"--context-memory", std::to_string(config.context_bytes)});
  arguments.insert(arguments.end(), {"--run-limit", fmt::format("{}", config.infer_timeout)});
  if (config.worker_threads > 0) {
    arguments.insert(arguments.end(), {"--threads", std::to_string(config.worker_threads)});
  }
  return arguments;
}

void say_that_memory_is_short() {
  try {
    log::error("no memory is left: something was not done");
  } catch (const std::bad_alloc&) {
    // Not even for that.
  }
}

}  // namespace

int Manager::run() {
  ::signal(SIGPIPE, SIG_IGN);
  watch_signals();
  const auto guard = boost::asio::make_work_guard(io_);
  if (auto prepared = prepare(); !prepared) {
    failed_start(prepared.error().message);
    return exit_status_;
  }
  open_device();
  run_loop();
  return exit_status_;
}

// Whoever asks for more memory than there is goes by himself; what else meets the lack of it has to
// try again.
void Manager::run_loop() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::bad_alloc&) {
      settling_ = false;
      say_that_memory_is_short();
    }
  }
}

Status Manager::prepare() {
  auto passed = activated_socket();
  if (!passed) return fail(passed.error());
  activated_ = std::move(*passed);
  if (!activated_) {
    auto lock = SocketLock::take(config_.socket_path);
    if (!lock) return fail(lock.error());
    lock_ = std::move(*lock);
  }
  if (config_.device == "sim") ::unlink(sim_state_path(config_).c_str());
  auto worker = find_worker(config_.worker_path);
  if (!worker) return fail(worker.error());
  auto codec = CodecPool::create(io_, static_cast<std::size_t>(config_.codec_threads));
  if (!codec) return fail(codec.error());
  codec_ = std::move(*codec);
  LaneOptions options{std::move(*worker), config_.device, worker_arguments(config_),
                      from_seconds(config_.start_timeout), from_seconds(config_.end_timeout)};
  Lanes::Watcher& watcher = *this;
  lanes_ = std::make_unique<Lanes>(io_, std::move(options), regions_, slabs_, watcher);
  opening_.set_longest_wait(from_seconds(config_.device_wait));
  broker::ReplySink& replies = *this;
  broker_ = std::make_unique<broker::Broker>(broker_options(config_), clock_, *lanes_, replies);
  lanes_->report_to(*broker_);
  return {};
}

// Whoever can connect from now on is served, as far as there is a device.
Status Manager::open_doors() {
  start_http();
  if (auto listening = listen(); !listening) return listening;
  phase_ = Phase::kServing;
  housekeeping();
  log::info("serving {}", config_.socket_path);
  return {};
}

Status Manager::listen() {
  std::string unlink_path;
  if (!activated_) {
    auto socket =
        unix_listen(config_.socket_path,
                    {.mode = config_.mode(), .group = socket_group(config_), .backlog = 4096});
    if (!socket) return fail(socket.error());
    activated_ = std::move(*socket);
    unlink_path = config_.socket_path;
  }
  listener_ = std::make_unique<Listener>(
      io_, std::move(activated_), unlink_path,
      Listener::Events{
          .accepted =
              [this](UniqueFd socket) {
                accept(std::move(socket));
                settle();
              },
          .make_room = [this] { return close_longest_idle(quota_.greediest(Held::kDescriptors)); },
          .turn_away = [this](UniqueFd socket) { turn_away_at_once(std::move(socket)); }});
  return {};
}

void Manager::start_http() {
  const auto bind = config_.http();
  if (!bind) {
    if (!turns_http_off(config_.http_bind)) {
      log::warning("no HTTP status: http.bind must be host:port or off, got {}", config_.http_bind);
    }
    return;
  }
  http_ = make_status_server(io_.get_executor(), *bind,
                             {.device_status = [this] { return device_status(0); },
                              .trouble = [this] { return trouble(); },
                              .ready = [this] { return is_ready(); },
                              .metrics = [this] { return metrics_text(); }});
  if (auto started = http_->start(); !started) {
    log::error("no HTTP status: {}", started.error().message);
    http_.reset();
    return;
  }
  log::info("HTTP status on {}", fmt::join(http_->addresses(), ", "));
}

void Manager::failed_start(const std::string& why) {
  log::error("cannot start: {}", why);
  exit_status_ = 1;
  phase_ = Phase::kEnding;
  end();
}

}  // namespace npu::manager
