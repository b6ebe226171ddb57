// Broker: what the comings and goings of models mean for the requests that wait for them.
#include <algorithm>
#include <utility>

#include "broker/broker.hpp"

namespace npu::broker {

bool Broker::admit_wanted() {
  admit_again_.reset();
  lanes_.hold_none();
  residency_.unclaim_all();
  bool moved = false;
  if (!lanes_.releasing()) {
    admission_.begin_pass();
    for (const Model* model : residency_.by_urgency()) {
      const bool for_nobody = model->waiting() == 0;
      Plan plan;
      if (!for_nobody || model->restoring()) plan = admission_.plan(*model, clock_.now());
      const bool worth_it =
          !for_nobody ||
          (model->restoring() && (model->pins().any() || plan.kind == Plan::Kind::kLoad));
      if (worth_it) {
        moved = follow(plan, *model) || moved;
      } else {
        model_gone(*model, false);
        moved = true;
      }
      if (lanes_.releasing()) break;
    }
  }
  unpark_usable();
  return moved;
}

bool Broker::follow(const Plan& plan, const Model& wanted) {
  switch (plan.kind) {
    case Plan::Kind::kLoad: residency_.admit(wanted); return true;
    case Plan::Kind::kRefuse: refuse_load(wanted, plan); return true;
    case Plan::Kind::kEvict:
      if (!residency_.group_release()) {
        residency_.evict(plan.victims, wanted);
        return true;
      }
      if (!lanes_.any_stuck()) return release_group(plan, wanted);
      fail_waiting(wanted, {ErrorCode::kDoesNotFit,
                            "the device gives no memory back before a worker that does not end "
                            "has ended"});
      return true;
    case Plan::Kind::kWait:
      residency_.claim(plan.claims);
      if (plan.again)
        admit_again_ = admit_again_ ? std::min(*admit_again_, *plan.again) : plan.again;
      return false;
  }
  return false;
}

void Broker::unpark_usable() {
  for (const auto& [key, model] : residency_.models()) {
    if (model.parked() > 0 && model.usable()) queue_.unpark(model);
  }
}

void Broker::refuse_load(const Model& model, const Plan& plan) {
  if (plan.nobody_left) {
    history_.refused(model.spec(), {residency_.loads(), model.group_renewed()}, clock_.now());
  }
  if (plan.nobody_left && plan.error.code == ErrorCode::kDoesNotFit) residency_.note_no_room(model);
  fail_waiting(model, plan.error);
}

// Everything that waits for a model fails with it: nobody tries the same load again at once.
void Broker::fail_waiting(const Model& model, const Error& error) {
  residency_.loads_failed(model);
  fail_all(queue_.waiting_for(model), error, true);
  model_gone(model, false);
}

void Broker::complete_load(const Entry& entry, const Model& model, bool was_there) {
  Status applied = residency_.apply_wishes(model, entry.request);
  residency_.used(model);
  finish(entry,
         {.status = std::move(applied), .was_there = was_there, .loaded = model.load_info()});
}

void Broker::unload_if_asked(const Model& model) {
  if (!model.resident() || model.uses() > 0 || model.unloaders() == 0) return;
  residency_.start_unload(model);
}

// The model has left the device, or will not come. Who waits for it takes its turn again.
void Broker::model_gone(const Model& model, bool returns, const Status& unload_result) {
  const bool was_there = model.resident() || model.state() == ModelState::kUnloading;
  for (const RequestId id : queue_.unloaders_of(model)) {
    finish(*queue_.find(id), {.status = unload_result, .was_there = was_there});
  }
  residency_.became_absent(model, returns);
  if (was_there) sink_.model_changed(model.spec(), false);
  queue_.unpark(model);
  residency_.forget_if_unused(model);
}

bool Broker::release_group(const Plan& plan, const Model& wanted) {
  if (!lanes_.empty_for_release()) return false;
  residency_.renew_group_for(wanted, plan.victims);
  const GroupRelease::End end = lanes_.begin_release();
  for (const Model* model : residency_.all_taking_memory()) {
    const bool evicted = std::ranges::find(plan.victims, model) != plan.victims.end();
    const bool kept = model->resident() && !evicted && model->unloaders() == 0;
    model_gone(*model, kept || model->restoring());
  }
  after_release(end);
  return true;
}

void Broker::after_release(GroupRelease::End end) {
  if (end == GroupRelease::End::kNotYet) return;
  if (end == GroupRelease::End::kReleased) {
    residency_.group_was_released();
    history_.group_renewed();
  }
  if (draining_ || !lanes_.health(Lane::kVision).up()) return;
  for (const Model* kept : residency_.to_restore(Lane::kVision)) {
    residency_.want(*kept, Priority::kBatch);
  }
}

}  // namespace npu::broker
