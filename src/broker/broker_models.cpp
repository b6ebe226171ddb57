// How models come and go.
#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "broker/broker_impl.hpp"

namespace npu::broker {

void Broker::Impl::want(Model& model, Priority rank) {
  model.state = ModelState::kWanted;
  model.wanted_at = clock_.now();
  model.rank = rank;
  wanted_.push_back(&model);
}

bool Broker::Impl::admit_wanted() {
  admit_again_.reset();
  for (LaneWork& work : lanes_) work.held = false;
  for (auto& [key, model] : residency_.models()) model.claimed = false;
  bool moved = false;
  if (!release_) {
    const SteadyTime now = clock_.now();
    const auto urgency = [&](const Model* model) {
      const auto lifted =
          options_.aging.count() > 0 ? (now - model->wanted_at) / options_.aging : 0;
      return static_cast<Duration::rep>(model->rank) - lifted;
    };
    std::ranges::stable_sort(wanted_, {}, urgency);
    admission_.begin_pass();
    for (Model* model : std::vector<Model*>(wanted_)) {
      const bool for_nobody = model->waiting.empty();
      Plan plan;
      if (!for_nobody || model->restoring) plan = admission_.plan(*model, now);
      const bool worth_it = !for_nobody || (model->restoring &&
                                            (model->pins.any() || plan.kind == Plan::Kind::kLoad));
      if (!worth_it) {
        std::erase(wanted_, model);
        model_gone(*model, false);
        moved = true;
      } else {
        moved = follow(plan, *model) || moved;
      }
      if (release_) break;
    }
  }
  unpark_usable();
  return moved;
}

bool Broker::Impl::follow(const Plan& plan, Model& wanted) {
  switch (plan.kind) {
    case Plan::Kind::kLoad:
      std::erase(wanted_, &wanted);
      wanted.state = ModelState::kAdmitted;
      wanted.bytes = history_.memory_needed(wanted.spec);
      wanted.admitted = ++admissions_;
      lane(wanted.spec.lane).loads.push_back(&wanted);
      return true;
    case Plan::Kind::kRefuse:
      std::erase(wanted_, &wanted);
      refuse_load(wanted, plan);
      return true;
    case Plan::Kind::kEvict:
      if (residency_.group_release() && is_group_stuck()) {
        std::erase(wanted_, &wanted);
        fail_waiting(wanted, {ErrorCode::kDoesNotFit,
                              "the device gives no memory back before a worker that does not end "
                              "has ended"});
        return true;
      }
      if (residency_.group_release()) return release_group(plan, wanted);
      for (Model* victim : plan.victims) evict(*victim, wanted);
      wanted.awaits_unload = wanted.refusal.has_value();
      wanted.refusal.reset();
      return true;
    case Plan::Kind::kWait:
      for (Model* model : plan.claims) model->claimed = true;
      if (plan.again)
        admit_again_ = admit_again_ ? std::min(*admit_again_, *plan.again) : plan.again;
      return false;
  }
  return false;
}

void Broker::Impl::refuse_load(Model& model, const Plan& plan) {
  if (plan.nobody_left) {
    history_.refused(model.spec, {residency_.loads(), model.group_renewed}, clock_.now());
  }
  if (plan.nobody_left && plan.error.code == ErrorCode::kDoesNotFit) {
    const std::string file = std::filesystem::path(model.spec.path).filename().string();
    capacity_event_ = {fmt::format("RESOURCE_EXHAUSTED while loading {} ({}); no models available "
                                   "to evict",
                                   file, model.spec.type),
                       model.spec.path, clock_.wall()};
  }
  fail_waiting(model, plan.error);
}

// Everything that waits for a model fails with it: nobody tries the same load again at once.
void Broker::Impl::fail_waiting(Model& model, const Error& error) {
  const std::set<RequestId> waiting = model.waiting;
  model.lost_loads = 0;
  model.state = ModelState::kLoading;  // keeps the record while its requests leave it
  for (const RequestId id : waiting) fail_entry(id, error, true);
  model_gone(model, false);
}

void Broker::Impl::evict(Model& victim, const Model& beneficiary) {
  count_eviction(victim, beneficiary);
  start_unload(victim);
}

void Broker::Impl::count_eviction(const Model& victim, const Model& beneficiary) {
  ++evictions_;
  const std::string file = std::filesystem::path(beneficiary.spec.path).filename().string();
  capacity_event_ = {
      fmt::format("RESOURCE_EXHAUSTED while loading {} ({})", file, beneficiary.spec.type),
      victim.spec.path, clock_.wall()};
}

void Broker::Impl::start_unload(Model& model) {
  model.state = ModelState::kUnloading;
  lane(model.spec.lane).unloads.push_back(&model);
}

void Broker::Impl::unload_if_asked(Model& model) {
  if (model.state != ModelState::kResident || model.leases > 0 || model.unloaders.empty()) return;
  start_unload(model);
}

// The model has left the device, or will not come. Who waits for it takes its turn again.
void Broker::Impl::model_gone(Model& model, bool returns, const Status& unload_result) {
  const bool was_there =
      model.state == ModelState::kResident || model.state == ModelState::kUnloading;
  for (const RequestId id : std::set<RequestId>(model.unloaders)) {
    finish(*requests_.find(id), {.status = unload_result, .was_there = was_there});
  }
  LaneWork& work = lane(model.spec.lane);
  std::erase(wanted_, &model);
  std::erase(work.loads, &model);
  std::erase(work.unloads, &model);
  if (was_there && !returns) history_.gives_room(model.load_order);
  residency_.became_absent(model, returns);
  unpark(model);
  residency_.forget_if_unused(model);
}

bool Broker::Impl::is_group_stuck() const {
  return std::ranges::any_of(lanes_, [](const LaneWork& work) {
    return work.health.state() == LaneHealth::State::kStuck;
  });
}

bool Broker::Impl::release_group(const Plan& plan, Model& wanted) {
  // Answers that take seconds end first; the vision lane goes on until then.
  lane(Lane::kGeneration).held = lane(Lane::kSpeech).held = true;
  if (!lane(Lane::kGeneration).in_flight.empty() || !lane(Lane::kSpeech).in_flight.empty()) {
    return false;
  }
  lane(Lane::kVision).held = true;
  if (!nothing_in_flight()) return false;

  for (Model* victim : plan.victims) count_eviction(*victim, wanted);
  wanted.refusal.reset();
  wanted.group_renewed = true;
  release_.emplace();
  for (const Lane which : kLanes) {
    if (!lane(which).health.up()) continue;
    const Job& job = new_job(Job::Kind::kRelease, which, nullptr);
    release_->pending.insert(job.id);
    port_.release_group(which, job.id);
  }
  std::vector<Model*> leaving;
  for (auto& [key, model] : residency_.models()) {
    if (model.takes_memory()) leaving.push_back(&model);
  }
  for (Model* model : leaving) {
    const bool evicted = std::ranges::find(plan.victims, model) != plan.victims.end();
    const bool kept = model->state == ModelState::kResident && !evicted && model->unloaders.empty();
    model_gone(*model, kept || model->restoring);
  }
  if (release_->pending.empty()) group_released();  // no worker lives
  return true;
}

void Broker::Impl::end_release(JobId job, bool released) {
  if (!release_ || release_->pending.erase(job) == 0) return;
  release_->complete = release_->complete && released;
  if (release_->pending.empty()) group_released();
}

void Broker::Impl::group_released() {
  if (release_->complete) {
    residency_.group_was_released();
    history_.group_renewed();
  }
  release_.reset();
  if (draining_ || !lane(Lane::kVision).health.up()) return;
  for (Model* kept : residency_.to_restore(Lane::kVision)) want(*kept, Priority::kBatch);
}

void Broker::Impl::complete_load(Entry& entry, Model& model, bool was_there) {
  Status applied = apply_wishes(model, entry.request);
  residency_.used(model, clock_);
  finish(entry, {.status = std::move(applied), .was_there = was_there, .result = model.load_info});
}

}  // namespace npu::broker
