// What can be seen of the broker, and its end.
#include <algorithm>
#include <utility>

#include "broker/broker_impl.hpp"
#include "broker/fair_order.hpp"

namespace npu::broker {

Broker::Impl::Impl(Options options, const Clock& clock, LanePort& port, ReplySink& replies)
    : options_(options),
      clock_(clock),
      port_(port),
      sink_(replies),
      requests_({options_.max_queued, options_.max_queued_per_client, options_.max_queued_bytes}),
      quarantine_(options_.first_refusal),
      residency_(options_.default_keep_alive),
      admission_(residency_, history_, choice_,
                 {options_.min_residency, options_.max_models, options_.max_models_per_user}) {
  residency_.set_device(options_.memory_bytes, options_.group_release);
  for (LaneWork& work : lanes_) {
    work.order = std::make_unique<FairOrder>(options_.aging, options_.realtime_share);
    work.health.set_longest_wait(options_.device_wait);
  }
}

Snapshot Broker::Impl::snapshot() const {
  Snapshot result;
  std::vector<const Model*> resident;
  for (const auto& [key, model] : residency_.models()) {
    if (model.state == ModelState::kResident && !model.stuck) resident.push_back(&model);
  }
  std::ranges::sort(resident, {}, &Model::load_order);
  for (const Model* model : resident) {
    ModelStatus status{model->spec,       model->loaded_at,  model->last_used, model->bytes,
                       model->pins.any(), model->leases > 0, std::nullopt};
    if (const auto expiry = residency_.expiry(*model)) {
      status.expires =
          clock_.wall() + std::chrono::duration_cast<WallTime::duration>(*expiry - clock_.now());
    }
    result.models.push_back(std::move(status));
  }
  result.queued = requests_.waiting();
  result.running = requests_.on_lanes();
  result.evictions = evictions_;
  result.retries = retries_;
  result.lane_restarts = lane_restarts_;
  result.last_capacity_event = capacity_event_;
  result.refused = quarantine_.refused(clock_.now(), kMaxRefusedTold);
  for (const LaneWork& work : lanes_) {
    if (!result.broken_reason) result.broken_reason = work.health.broken();
  }
  return result;
}

bool Broker::Impl::idle() const {
  const bool works = std::ranges::any_of(kLanes, [this](const Lane which) {
    return has_work(which) && lane(which).health.state() != LaneHealth::State::kStuck;
  });
  return requests_.size() == 0 && !works && outbox_.empty();
}

void Broker::Impl::drain() {
  draining_ = true;
  settle();
}

void Broker::Impl::set_memory(std::uint64_t bytes, bool group_release) {
  residency_.set_device(bytes, group_release);
  settle();
}

}  // namespace npu::broker
