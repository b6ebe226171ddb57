// Manager: from serving to the end.
#include <csignal>

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.hpp"
#include "manager/clients/session.hpp"
#include "manager/manager.hpp"

namespace npu::manager {
namespace {

constexpr Duration kWorkerPatience = std::chrono::seconds(2);

}  // namespace

void Manager::watch_signals() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    if (phase_ == Phase::kDraining || phase_ == Phase::kEnding) {
      log::warning("stopping at once");
      lanes_.reset();
      io_.stop();
      return;
    }
    watch_signals();
    stop();
  });
}

void Manager::stop() {
  log::info("stopping");
  ::sd_notify(0, "STOPPING=1");
  if (phase_ == Phase::kStarting) return end();
  phase_ = Phase::kDraining;
  listener_.reset();
  broker_->drain();
  drain_timer_.expires_after(
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(config_.drain_timeout)));
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || phase_ != Phase::kDraining) return;
    log::warning("stopping with work unfinished");
    end();
  });
  const auto sessions = sessions_;
  for (const auto& [id, session] : sessions) session->finish();
  settle();
}

void Manager::check_drained() {
  if (broker_->idle() && sessions_.empty()) end();
}

void Manager::end() {
  phase_ = Phase::kEnding;
  drain_timer_.cancel();
  open_timer_.cancel();
  listener_.reset();
  http_.reset();
  if (config_.device == "sim") ::unlink(sim_state_path(config_).c_str());
  if (!lanes_) return io_.stop();
  lanes_->stop(kWorkerPatience, [this] { io_.stop(); });
}

}  // namespace npu::manager
