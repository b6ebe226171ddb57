// Workers that come up and workers that are lost.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "broker/broker_impl.hpp"

namespace npu::broker {
namespace {

constexpr int kLossesAllowed = 1;  // a request or load that was running at two losses is to blame

}  // namespace

void Broker::Impl::on_lane_up(Lane which) {
  lane(which).health.came_up();
  settle();
  flush();
}

void Broker::Impl::on_lane_lost(Lane which, const std::string& reason) {
  LaneWork& work = lane(which);
  if (work.health.down()) return;
  const bool is_loss = work.health.lost(clock_.now(), reason);
  const Error error{ErrorCode::kDeviceLost,
                    fmt::format("The {} worker was lost: {}", name_of(which), reason)};
  for (const JobId id : std::exchange(work.in_flight, {})) {
    Job job = std::move(jobs_.at(id));
    jobs_.erase(id);
    job.lease.release();
    lose_job(job, error);
  }
  std::vector<Model*> here;
  for (auto& [key, model] : residency_.models()) {
    if (model.spec.lane == which && model.state != ModelState::kAbsent) here.push_back(&model);
  }
  for (Model* model : here) {
    const bool resident = model->state == ModelState::kResident && model->unloaders.empty();
    model_gone(*model, model->restoring || (resident && is_loss && !draining_));
  }
  if (is_loss && work.health.given_up()) give_up(which);
  settle();
  flush();
}

void Broker::Impl::lose_job(Job& job, const Error& error) {
  switch (job.kind) {
    case Job::Kind::kInfer: lose_infer(job, error); break;
    case Job::Kind::kLoad: lose_load(job, error); break;
    case Job::Kind::kUnload: break;  // done, in a way
    case Job::Kind::kRelease:
      if (!release_) break;
      release_->pending.erase(job.id);
      if (release_->pending.empty()) group_released();
      break;
  }
}

void Broker::Impl::lose_infer(Job& job, const Error& error) {
  if (!job.request) return;
  Entry& entry = *requests_.find(*job.request);
  if (job.begun) ++entry.losses;
  if (entry.produced || entry.losses > kLossesAllowed) {
    const Duration running = job.begun ? clock_.now() - *job.begun : Duration{};
    finish(entry, {.status = fail(error), .running = running});
    return;
  }
  ++retries_;
  requests_.came_back(entry);
  enqueue(entry);
}

void Broker::Impl::lose_load(Job& job, const Error& error) {
  Model& model = *job.model;
  if (job.begun) ++model.lost_loads;
  residency_.lost_while_loading(model);
  if (job.hung || model.lost_loads > kLossesAllowed) fail_waiting(model, error);
}

// The lane cannot be started: what waits for it is answered instead of waiting on.
void Broker::Impl::give_up(Lane which) {
  const LaneHealth& health = lane(which).health;
  const Error error{
      ErrorCode::kUnavailable,
      fmt::format("The {} worker cannot be started: {}", name_of(which), health.reason()),
      std::chrono::ceil<Millis>(health.start_after() - clock_.now())};
  std::set<RequestId> waiting;
  std::vector<Model*> lost;
  for (auto& [key, model] : residency_.models()) {
    if (model.spec.lane != which) continue;
    waiting.insert(model.waiting.begin(), model.waiting.end());
    if (model.restoring) lost.push_back(&model);
  }
  for (Model* model : lost) {
    model->restoring = model->pinned;
    residency_.forget_if_unused(*model);
  }
  for (const RequestId id : waiting) fail_entry(id, error);
}

// Remembers since when a running lane is good for nothing.
void Broker::Impl::note_use(Lane which) {
  LaneWork& work = lane(which);
  const bool needed =
      !work.in_flight.empty() || work.order->size() > 0 ||
      std::ranges::any_of(residency_.models(), [which](const auto& entry) {
        return entry.second.spec.lane == which &&
               (entry.second.restoring || entry.second.state != ModelState::kAbsent);
      });
  if (needed || !work.health.up()) {
    work.unused_since.reset();
  } else if (!work.unused_since) {
    work.unused_since = clock_.now();
  }
}

}  // namespace npu::broker
