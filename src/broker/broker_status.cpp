// Broker: what can be seen of it, what happens because time has passed, and its end.
#include <algorithm>
#include <utility>

#include "broker/broker.hpp"

namespace npu::broker {

std::optional<SteadyTime> Broker::next_timer() const {
  if (!outbox_.empty()) return clock_.now();
  std::optional<SteadyTime> next = queue_.next_deadline();
  const auto earliest = [&next](std::optional<SteadyTime> candidate) {
    if (candidate && (!next || *candidate < *next)) next = candidate;
  };
  earliest(admit_again_);
  for (const Lane lane : kLanes) earliest(lanes_.next_timer(lane, needs_worker(lane)));
  earliest(residency_.next_expiry());
  return next;
}

void Broker::on_timer() {
  while (const auto expired = queue_.expired()) {
    drop(*expired, {ErrorCode::kDeadlineExceeded, "The request's time has passed"}, true);
  }
  lanes_.kill_hung();
  for (const Model* model : residency_.expired()) residency_.start_unload(*model);
  lanes_.retire_unused();
  settle();
  flush();
}

Snapshot Broker::snapshot() const {
  Snapshot result;
  std::vector<const Model*> resident;
  for (const auto& [key, model] : residency_.models()) {
    if (model.resident() && !model.stuck()) resident.push_back(&model);
  }
  std::ranges::sort(resident, {}, &Model::load_order);
  for (const Model* model : resident) {
    ModelStatus status{model->spec(),       model->loaded_at(), model->last_used(), model->bytes(),
                       model->pins().any(), model->uses() > 0,  std::nullopt};
    if (const auto expiry = model->expiry()) {
      status.expires =
          clock_.wall() + std::chrono::duration_cast<WallTime::duration>(*expiry - clock_.now());
    }
    result.models.push_back(std::move(status));
  }
  result.queued = queue_.waiting();
  result.running = queue_.on_lanes();
  result.evictions = residency_.evictions();
  result.retries = retries_;
  result.lane_restarts = lanes_.restarts();
  result.last_capacity_event = residency_.capacity_event();
  result.refused = quarantine_.refused(clock_.now(), kMaxRefusedTold);
  result.broken_reason = lanes_.broken();
  return result;
}

bool Broker::idle() const { return queue_.size() == 0 && !lanes_.works() && outbox_.empty(); }

void Broker::drain() {
  draining_ = true;
  settle();
}

}  // namespace npu::broker
