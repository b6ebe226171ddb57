// Manager: the device, which the first worker finds, and which may come later than the manager.
#include <algorithm>
#include <cctype>
#include <utility>

#include <systemd/sd-daemon.h>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "manager/manager.hpp"
#include "store/resolver.hpp"

namespace npu::manager {
namespace {

constexpr std::string_view kWhollyConfined = "files and system calls";

// Whether a start that failed like this is worth waiting for, or for somebody to repair it.
// Anything else is a mistake of the configuration or of the installation.
bool is_waited_for(const Error& why) {
  return why.code == ErrorCode::kUnavailable || why.code == ErrorCode::kBusy ||
         why.code == ErrorCode::kVersionMismatch;
}

void notify(bool ready, const std::string& status) {
  ::sd_notify(0, fmt::format("{}STATUS={}", ready ? "READY=1\n" : "", status).c_str());
}

}  // namespace

void Manager::open_device() {
  open_timer_.cancel();
  opening_.starting();
  lanes_->start(Lane::kVision);
}

void Manager::open_device_later() {
  open_timer_.expires_at(opening_.start_after());
  open_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && phase_ == Phase::kServing && opening_.down()) open_device();
  });
}

Status Manager::adopt(const device::DeviceInfo& info) {
  device_ = info;
  lanes_->keep_to(info.kind);
  broker_->set_memory(info.memory_bytes, info.group_release);
  std::vector<std::string> problems;
  auto catalogue = store::Catalogue::read(config_.catalogue_dir, problems);
  for (const std::string& problem : problems) log::warning("catalogue: {}", problem);
  models_ = std::make_unique<ModelTable>(
      store::Resolver(store::ModelDirs(config_.model_dirs), std::move(catalogue), info.kind,
                      to_lower(info.architecture)),
      info.kind, [this](const std::string& key) { return lanes_->resident(key); });
  if (phase_ == Phase::kStarting) {
    if (auto opened = open_doors(); !opened) return opened;
  }
  notify(true, fmt::format("serving {} on {}", config_.socket_path, info.id));
  return {};
}

void Manager::worker_up(Lane lane, const device::DeviceInfo& info) {
  log::info("worker {}: ready on {} {} ({})", name_of(lane), info.kind, info.id, info.architecture);
  if (phase_ == Phase::kEnding) return;
  tell_confinement(info.confinement);
  if (!device_) {
    opening_.came_up();
    if (auto adopted = adopt(info); !adopted) return failed_start(adopted.error().message);
  }
  broker_->ask_telemetry();
  device_changed_ = true;
}

// Once for each way, and not for every worker.
void Manager::tell_confinement(const std::string& how) {
  if (std::exchange(confinement_, how) == how) return;
  if (how == kWhollyConfined) return log::info("workers are confined: {}", how);
  log::warning("workers are not wholly confined: {}", how);
}

// Until there is a device the worker was started from here, and the broker knows of none.
void Manager::worker_lost(Lane, const Error& why) {
  readings_.device_lost();
  device_changed_ = true;
  if (device_) return;
  if (phase_ == Phase::kStarting && !is_waited_for(why)) return failed_start(why.message);
  opening_.lost(clock_.now(), why);
  serve_without_device();
  if (!opening_.refusal(clock_.now())) open_device_later();  // else when a request asks for it
}

void Manager::worker_stuck(Lane, const std::string& reason) {
  device_changed_ = true;
  if (device_) return;
  opening_.stuck(reason);
  serve_without_device();
}

// Clients are told why there is nothing for them, and need not connect again when there is.
void Manager::serve_without_device() {
  if (phase_ == Phase::kStarting) {
    if (auto opened = open_doors(); !opened) return failed_start(opened.error().message);
  }
  const std::string trouble = this->trouble().value_or("no device");
  if (std::exchange(told_, trouble) != trouble) log::warning("{}", trouble);
  device_changed_ = true;
  notify(true, trouble);
}

Status Manager::device_ready() {
  if (device_) return {};
  const SteadyTime now = clock_.now();
  if (opening_.wanted()) open_device_later();
  if (opening_.down() && !opening_.waits_for_device() && opening_.may_start(now)) open_device();
  Error why = opening_.why_not(now);
  why.message = trouble().value_or("the device is being opened");
  return fail(std::move(why));
}

std::optional<std::string> Manager::trouble() const {
  return device_ ? broker_->snapshot().broken_reason : opening_.broken();
}

bool Manager::is_ready() const { return phase_ == Phase::kServing && device_.has_value(); }

}  // namespace npu::manager
