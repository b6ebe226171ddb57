// LaneController: how long an answer may take, and how long a worker may be good for nothing.
#include <algorithm>

#include <fmt/format.h>

#include "broker/lane_controller.hpp"

namespace npu::broker {
namespace {

// Readings take no longer, and everything else of the lane waits for them.
constexpr Duration kTelemetryWatchdog = std::chrono::seconds(10);
// After they have cost a worker.
constexpr Duration kTelemetryPause = std::chrono::minutes(5);

SteadyTime later(SteadyTime from, Duration by) {
  return by >= SteadyTime::max() - from ? SteadyTime::max() : from + by;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

std::optional<SteadyTime> LaneController::watchdog(const Job& job) const {
  if (!job.has_begun()) return std::nullopt;
  switch (job.kind()) {
    case Job::Kind::kTelemetry:
      return later(*job.begun(), std::min(bounds_.infer_watchdog, kTelemetryWatchdog));
    case Job::Kind::kLoad:
    case Job::Kind::kUnload:
    case Job::Kind::kRelease: return later(*job.begun(), bounds_.load_watchdog);
    case Job::Kind::kInfer: break;
  }
  if (job.lane() != Lane::kGeneration) return later(job.heard(), bounds_.infer_watchdog);
  const SteadyTime bound = later(job.heard(), bounds_.generation_watchdog);
  if (!job.abort_asked()) return bound;
  const SteadyTime aborted = std::max(*job.begun(), *job.abort_asked());
  return std::min(bound, later(aborted, bounds_.infer_watchdog));
}

std::optional<SteadyTime> LaneController::next_timer(Lane lane, bool needed) const {
  const LaneState& state = at(lane);
  std::optional<SteadyTime> next;
  const auto earliest = [&next](std::optional<SteadyTime> candidate) {
    if (candidate && (!next || *candidate < *next)) next = candidate;
  };
  if (state.health.up()) {
    for (const Job& job : state.jobs.all()) earliest(watchdog(job));
  }
  if (state.unused_since) earliest(later(*state.unused_since, bounds_.idle_lane));
  if (needed && state.health.down()) earliest(state.health.start_after());
  return next;
}

void LaneController::kill_hung() {
  const SteadyTime now = clock_.now();
  for (const Lane lane : kLanes) {
    LaneState& state = at(lane);
    if (!state.health.up()) continue;
    std::optional<Duration> longest;
    for (const Job& job : state.jobs.all()) {
      const auto bound = watchdog(job);
      if (!bound || *bound > now) continue;
      const Duration silent = job.silent(now);
      state.jobs.find(job.id())->set_overdue(silent);
      longest = std::max(longest.value_or(silent), silent);
      if (job.kind() == Job::Kind::kTelemetry) telemetry_after_ = now + kTelemetryPause;
    }
    if (!longest) continue;
    state.health.ending();
    port_.kill(lane, fmt::format("no answer for {:g} s", seconds(*longest)));
  }
}

void LaneController::retire_unused() {
  for (const Lane lane : kLanes) {
    LaneState& state = at(lane);
    if (!state.health.up() || !state.unused_since) continue;
    if (later(*state.unused_since, bounds_.idle_lane) > clock_.now()) continue;
    state.unused_since.reset();
    state.health.retiring();
    port_.kill(lane, "idle");
  }
}

}  // namespace npu::broker
