#include "manager/manager.hpp"

#include <algorithm>

#include <systemd/sd-daemon.h>

#include <fmt/format.h>

#include "base/descriptors.hpp"
#include "base/log.hpp"
#include "manager/clients/session.hpp"
#include "manager/memory/client_limits.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kKeptSlabs = std::size_t{64} << 20;
constexpr Duration kSlabAge = std::chrono::seconds(30);
constexpr Duration kTelemetryAge = std::chrono::seconds(2);
// So often at least the readings are renewed, so that whoever asks finds current ones.
constexpr Duration kTelemetryPeriod = std::chrono::minutes(1);

// Every region of a client is a descriptor.
std::size_t raised_descriptor_limit() {
  raise_descriptor_limit();
  return descriptor_limit();
}

}  // namespace

Manager::Manager(Config config)
    : config_(std::move(config)),
      started_(clock_.now()),
      quota_(client_limits(config_, raised_descriptor_limit())),
      slabs_(regions_, clock_, kKeptSlabs, max_kept_slabs(descriptor_limit())),
      budget_(quota_) {}

Manager::~Manager() {
  codec_.reset();
  http_.reset();
  events_ = {};
  sessions_.clear();
  turns_.clear();
  close_turned_away(0);
  touched_.clear();
}

void Manager::housekeeping() {
  const auto seconds = [](double count) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(count));
  };
  house_timer_.expires_after(seconds(config_.tidy_interval));
  house_timer_.async_wait([this, seconds](const boost::system::error_code& error) {
    if (error) return;
    const Duration patience = seconds(config_.write_timeout);
    const bool memory_wanted = budget_.has_waiters();
    for (const auto& [id, session] : sessions_) session->connection().tidy(patience, memory_wanted);
    slabs_.trim(kSlabAge);
    close_turned_away(0);
    count_closing();
    if (device_ && clock_.now() - telemetry_asked_ >= kTelemetryPeriod) refresh_telemetry();
    ::sd_notify(0, "WATCHDOG=1");
    settle();
    housekeeping();
  });
}

Result<broker::RequestId> Manager::submit(broker::Request request) {
  auto accepted = broker_->submit(std::move(request));
  if (!accepted) metrics_.rejected(accepted.error());
  return accepted;
}

bool Manager::cancel(broker::RequestId request) { return broker_->cancel(request); }

void Manager::touch(std::shared_ptr<Session> session) { touched_.push_back(std::move(session)); }

void Manager::settle() {
  if (settling_) return;
  settling_ = true;
  for (bool again = true; again;) {
    again = false;
    if (std::exchange(device_changed_, false)) announce_device();
    while (!touched_.empty()) {
      const auto session = std::move(touched_.back());
      touched_.pop_back();
      session->settle();
    }
    relieve(Held::kBytesUnread);
    relieve(Held::kSlabs);
    budget_.serve();
    const auto next = broker_ ? broker_->next_timer() : std::nullopt;
    if (next && *next <= clock_.now()) {
      broker_->on_timer();
      again = true;
    }
    again = again || !touched_.empty();
  }
  settling_ = false;
  arm_broker_timer();
  if (phase_ == Phase::kDraining) check_drained();
}

// A timer that is armed too early only fires for nothing; moving it for every request would cost
// more than that.
void Manager::arm_broker_timer() {
  const auto next = broker_ ? broker_->next_timer() : std::nullopt;
  if (!next || *next == SteadyTime::max() || (timer_armed_ && *timer_armed_ <= *next)) return;
  timer_armed_ = next;
  broker_timer_.expires_at(*next);
  broker_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    timer_armed_.reset();
    settle();
  });
}

void Manager::closed(Session& session) {
  events_.remove(session);
  broker_->connection_gone(session.id());
  if (lanes_) lanes_->forget_client(session.id());
  sessions_.erase(session.id());
}

void Manager::event(broker::RequestId request, const broker::Request& what, InferEvent&& event) {
  const auto session = sessions_.find(what.connection);
  if (session != sessions_.end()) session->second->event(request, std::move(event));
}

void Manager::completed(broker::RequestId request, const broker::Request& what,
                        broker::Outcome outcome) {
  metrics_.finished(what, outcome);
  events_.step("ended", request, what, clock_.wall(), &outcome);
  const auto session = sessions_.find(what.connection);
  const bool waits = session != sessions_.end();
  const bool fine = outcome.status || outcome.status.error().code == ErrorCode::kCancelled;
  const auto level = fine ? log::Level::kDebug : log::Level::kInfo;
  if (log::enabled(level)) {
    const std::string how = outcome.status ? "ok"
                            : fine         ? "cancelled"
                                           : "failed: " + for_log(outcome.status.error().message);
    const std::string id = for_log(waits ? session->second->request_id(request) : "");
    const std::string number = fmt::format("{}", request);
    const std::string label = model_label(what.model);
    log::write(level, {.request = number, .client = what.client, .model = label},
               fmt::format("req={} id={} client={} model={} {}", number, id, what.client,
                           for_log(what.model.key), how));
  }
  if (waits) session->second->completed(request, std::move(outcome));
}

void Manager::device_read(const device::Telemetry& readings) {
  readings_.read(readings, clock_.now());
}

StatusFacts Manager::facts(std::size_t asking) const {
  std::size_t in_flight = asking;
  for (const auto& [id, session] : sessions_) in_flight += session->in_flight();
  const SteadyTime now = clock_.now();
  return {device_ ? &*device_ : nullptr, readings_.at(now), config_.socket_path, now - started_,
          in_flight};
}

// The answer goes out at once with the last readings; the next one shall have newer ones.
void Manager::refresh_telemetry() {
  if (clock_.now() - telemetry_asked_ < kTelemetryAge) return;
  telemetry_asked_ = clock_.now();
  broker_->ask_telemetry();
}

broker::Snapshot Manager::snapshot() const {
  broker::Snapshot snapshot = broker_->snapshot();
  if (!device_) snapshot.broken_reason = trouble();
  return snapshot;
}

json::object Manager::status(std::size_t asking) {
  return status_payload(facts(asking), snapshot());
}

json::object Manager::device_status(std::size_t asking) {
  refresh_telemetry();
  return device_status_payload(facts(asking), snapshot());
}

std::string Manager::metrics_text() {
  refresh_telemetry();
  return metrics_.expose({.snapshot = snapshot(),
                          .device = device_,
                          .telemetry = readings_.at(clock_.now()),
                          .clients = sessions_.size(),
                          .shared_bytes = regions_.bytes()});
}

}  // namespace npu::manager
