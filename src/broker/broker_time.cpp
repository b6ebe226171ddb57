// Everything that happens because time has passed.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "broker/broker_impl.hpp"

namespace npu::broker {
namespace {

void earliest(std::optional<SteadyTime>& next, std::optional<SteadyTime> candidate) {
  if (candidate && (!next || *candidate < *next)) next = candidate;
}

SteadyTime later(SteadyTime from, Duration by) {
  return by >= SteadyTime::max() - from ? SteadyTime::max() : from + by;
}

// Readings take no longer, and everything else of the lane waits for them.
constexpr Duration kTelemetryWatchdog = std::chrono::seconds(10);
// After they have cost a worker.
constexpr Duration kTelemetryPause = std::chrono::minutes(5);

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::optional<SteadyTime> Broker::Impl::next_timer() const {
  if (!outbox_.empty()) return clock_.now();
  std::optional<SteadyTime> next = requests_.next_deadline();
  earliest(next, admit_again_);
  for (const Lane which : kLanes) {
    const LaneWork& work = lane(which);
    if (work.health.up()) {
      for (const JobId id : work.in_flight) earliest(next, watchdog(jobs_.at(id)));
    }
    if (work.unused_since) earliest(next, later(*work.unused_since, options_.idle_lane));
    if (starts_when_possible(work, which)) earliest(next, work.health.start_after());
  }
  for (const auto& [key, model] : residency_.models()) earliest(next, residency_.expiry(model));
  return next;
}

void Broker::Impl::on_timer() {
  while (const auto expired = requests_.expired(clock_.now())) {
    drop(*requests_.find(*expired), {ErrorCode::kDeadlineExceeded, "The request's time has passed"},
         true);
  }
  kill_hung();
  expire_models();
  retire_lanes();
  settle();
  flush();
}

bool Broker::Impl::starts_when_possible(const LaneWork& work, Lane which) const {
  if (!work.health.down()) return false;
  if (work.order->size() > 0 || (!draining_ && work.health.waits_for_device())) return true;
  return !draining_ && !work.health.given_up() &&
         std::ranges::any_of(residency_.models(), [which](const auto& entry) {
           return entry.second.restoring && entry.second.spec.lane == which;
         });
}

std::optional<SteadyTime> Broker::Impl::watchdog(const Job& job) const {
  if (!job.begun) return std::nullopt;
  if (job.kind == Job::Kind::kTelemetry) {
    return later(*job.begun, std::min(options_.infer_watchdog, kTelemetryWatchdog));
  }
  if (job.kind != Job::Kind::kInfer) return later(*job.begun, options_.load_watchdog);
  const SteadyTime sign = std::max(*job.begun, job.sign_of_life.value_or(*job.begun));
  if (job.lane != Lane::kGeneration) return later(sign, options_.infer_watchdog);
  const SteadyTime bound = later(sign, options_.generation_watchdog);
  if (!job.abort_asked) return bound;
  const SteadyTime aborted = std::max(*job.begun, *job.abort_asked);
  return std::min(bound, later(aborted, options_.infer_watchdog));
}

void Broker::Impl::kill_hung() {
  for (const Lane which : kLanes) {
    LaneWork& work = lane(which);
    if (!work.health.up()) continue;
    std::optional<Duration> longest;
    for (const JobId id : work.in_flight) {
      Job& job = jobs_.at(id);
      const auto bound = watchdog(job);
      if (!bound || *bound > clock_.now()) continue;
      const Duration silent = clock_.now() - job.sign_of_life.value_or(*job.begun);
      job.overdue = silent;
      longest = std::max(longest.value_or(silent), silent);
      if (job.kind == Job::Kind::kTelemetry) telemetry_after_ = clock_.now() + kTelemetryPause;
    }
    if (!longest) continue;
    work.health.ending();
    port_.kill(which, fmt::format("no answer for {:g} s", seconds(*longest)));
  }
}

void Broker::Impl::expire_models() {
  std::vector<Model*> expired;
  for (auto& [key, model] : residency_.models()) {
    const auto expiry = residency_.expiry(model);
    if (expiry && *expiry <= clock_.now()) expired.push_back(&model);
  }
  for (Model* model : expired) start_unload(*model);
}

void Broker::Impl::retire_lanes() {
  for (const Lane which : kLanes) {
    LaneWork& work = lane(which);
    if (!work.unused_since || later(*work.unused_since, options_.idle_lane) > clock_.now())
      continue;
    if (!work.health.up() || work.order->size() > 0) continue;
    work.unused_since.reset();
    work.health.retiring();
    port_.kill(which, "idle");
  }
}

}  // namespace npu::broker
