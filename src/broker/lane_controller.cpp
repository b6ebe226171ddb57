#include "broker/lane_controller.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace npu::broker {

static_assert(kLanes.size() == 3);
LaneController::LaneController(const Bounds& bounds, const Clock& clock, LanePort& port)
    : bounds_(bounds),
      clock_(clock),
      port_(port),
      lanes_{LaneState(clock), LaneState(clock), LaneState(clock)} {
  for (LaneState& lane : lanes_) lane.health.set_longest_wait(bounds_.device_wait);
}

std::size_t LaneController::depth(Lane lane) const {
  if (lane == Lane::kGeneration) return 1;
  const std::size_t configured = std::max<std::size_t>(1, bounds_.in_flight);
  const std::size_t at_once = at(lane).jobs.runs_at_once();
  return at_once == 1 ? configured : std::max(configured, at_once + 1);
}

bool LaneController::takes_more(Lane lane) const {
  return has_place(lane) && !jobs(lane).runs_alone();
}

bool LaneController::nothing_in_flight() const {
  return std::ranges::all_of(lanes_, [](const LaneState& lane) { return lane.jobs.empty(); });
}

bool LaneController::loads_anywhere() const {
  return std::ranges::any_of(
      lanes_, [](const LaneState& lane) { return lane.jobs.contains(Job::Kind::kLoad); });
}

bool LaneController::works() const {
  return std::ranges::any_of(lanes_, [](const LaneState& lane) {
    return lane.jobs.has_work() && lane.health.state() != LaneHealth::State::kStuck;
  });
}

bool LaneController::any_stuck() const {
  return std::ranges::any_of(lanes_, [](const LaneState& lane) {
    return lane.health.state() == LaneHealth::State::kStuck;
  });
}

std::optional<std::string> LaneController::broken() const {
  for (const LaneState& lane : lanes_) {
    if (lane.health.broken()) return lane.health.broken();
  }
  return std::nullopt;
}

std::optional<Error> LaneController::refusal(Lane lane) const {
  auto refusal = health(lane).refusal(clock_.now());
  if (!refusal) return std::nullopt;
  return cannot_start(lane, std::move(*refusal));
}

Error LaneController::why_not(Lane lane) const {
  return cannot_start(lane, health(lane).why_not(clock_.now()));
}

Error LaneController::cannot_start(Lane lane, Error why) const {
  why.message = fmt::format("The {} worker cannot be started: {}", name_of(lane), why.message);
  return why;
}

void LaneController::start_if_due(Lane lane, bool needed) {
  LaneHealth& health = at(lane).health;
  if (!needed || !health.down() || !health.may_start(clock_.now())) return;
  if (health.starting()) ++restarts_;
  port_.start(lane);
}

void LaneController::note_need(Lane lane, bool needed) {
  LaneState& state = at(lane);
  if (needed || !state.health.up()) {
    state.unused_since.reset();
  } else if (!state.unused_since) {
    state.unused_since = clock_.now();
  }
}

void LaneController::came_up(Lane lane, std::size_t runs_at_once) {
  at(lane).health.came_up();
  at(lane).jobs.set_runs_at_once(runs_at_once);
}

bool LaneController::stuck(Lane lane, const std::string& reason) {
  if (health(lane).down()) return false;
  at(lane).health.stuck(reason);
  return true;
}

std::optional<LaneLoss> LaneController::lost(Lane lane, const Error& why) {
  LaneState& state = at(lane);
  if (state.health.down()) return std::nullopt;
  LaneLoss loss;
  loss.unexpected = state.health.lost(clock_.now(), why);
  const Error error{ErrorCode::kDeviceLost,
                    fmt::format("The {} worker was lost: {}", name_of(lane), why.message)};
  loss.jobs = lost_jobs(state.jobs.take_all(), error, clock_.now());
  return loss;
}

void LaneController::load(const Model& model, bool alone) {
  const JobId id = ++last_job_;
  add(Job(id, Job::Kind::kLoad, model.spec().lane, &model, alone));
  port_.load(model.spec().lane, id, model.spec());
}

void LaneController::infer(const Request& request, Job::Inference inference, bool alone) {
  const JobId id = ++last_job_;
  const ModelSpec& model = inference.use.model()->spec();
  const Priority rank = inference.pick.rank;
  add(Job(id, model.lane, std::move(inference), alone));
  port_.infer(model.lane, id, model, request, rank);
}

void LaneController::unload(const Model& model) {
  const JobId id = ++last_job_;
  add(Job(id, Job::Kind::kUnload, model.spec().lane, &model));
  port_.unload(model.spec().lane, id, model.spec());
}

void LaneController::ask_telemetry() {
  if (clock_.now() < telemetry_after_) return;
  std::optional<Lane> best;
  for (const Lane lane : {Lane::kVision, Lane::kSpeech, Lane::kGeneration}) {
    if (!health(lane).up()) continue;
    if (jobs(lane).contains(Job::Kind::kTelemetry)) return;
    if (!best || (jobs(*best).has_work() && !jobs(lane).has_work())) best = lane;
  }
  if (!best) return;
  const JobId id = ++last_job_;
  add(Job(id, Job::Kind::kTelemetry, *best, nullptr));
  port_.telemetry(*best, id);
}

std::optional<Job> LaneController::finish(JobId job) {
  for (LaneState& lane : lanes_) {
    std::optional<Job> done = lane.jobs.take(job);
    if (!done) continue;
    if (done->kind() != Job::Kind::kTelemetry) lane.health.answered();
    return done;
  }
  return std::nullopt;
}

void LaneController::progressed(JobId job) {
  if (Job* found = find_job(job)) found->progressed(clock_.now());
}

const Job* LaneController::find(JobId job) const {
  for (const LaneState& lane : lanes_) {
    if (const Job* found = lane.jobs.find(job)) return found;
  }
  return nullptr;
}

Job* LaneController::find_job(JobId job) {
  for (LaneState& lane : lanes_) {
    if (Job* found = lane.jobs.find(job)) return found;
  }
  return nullptr;
}

Job* LaneController::find_job_of(RequestId request) {
  for (LaneState& lane : lanes_) {
    if (Job* found = lane.jobs.find_of(request)) return found;
  }
  return nullptr;
}

Duration LaneController::abandon(RequestId request, std::shared_ptr<InferWork> work) {
  Job* job = find_job_of(request);
  if (job == nullptr) return {};
  job->detach(std::move(work));
  if (job->ask_abort(clock_.now())) port_.abort(job->lane(), job->id());
  return job->ran(clock_.now());
}

void LaneController::detach(RequestId request, std::shared_ptr<InferWork> work) {
  if (Job* job = find_job_of(request)) job->detach(std::move(work));
}

bool LaneController::empty_for_release() {
  LaneState& generation = at(Lane::kGeneration);
  LaneState& speech = at(Lane::kSpeech);
  generation.held = speech.held = true;
  if (!generation.jobs.empty() || !speech.jobs.empty()) return false;
  at(Lane::kVision).held = true;
  return nothing_in_flight();
}

GroupRelease::End LaneController::begin_release() {
  for (const Lane lane : kLanes) {
    if (!health(lane).up()) continue;
    const JobId id = ++last_job_;
    add(Job(id, Job::Kind::kRelease, lane, nullptr));
    release_.begin(id);
    port_.release_group(lane, id);
  }
  return release_.under_way() ? GroupRelease::End::kNotYet : GroupRelease::End::kReleased;
}

GroupRelease::End LaneController::release_ended(JobId part, bool released) {
  return release_.part_ended(part, released);
}

void LaneController::hold_none() {
  for (LaneState& lane : lanes_) lane.held = false;
}

}  // namespace npu::broker
