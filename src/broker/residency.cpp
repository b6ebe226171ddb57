#include "broker/residency.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace npu::broker {
namespace {

std::string no_room_for(const Model& model) {
  return fmt::format("RESOURCE_EXHAUSTED while loading {} ({})",
                     std::filesystem::path(model.spec().path).filename().string(),
                     model.spec().type);
}

}  // namespace

void Residency::set_device(std::uint64_t memory_bytes, bool group_release) {
  memory_ = memory_bytes;
  group_release_ = group_release;
}

const Model& Residency::record(const ModelSpec& spec) {
  const auto [entry, is_new] = models_.try_emplace(spec.key, spec, bounds_.default_keep_alive);
  Model& model = entry->second;
  if (!is_new && model.absent()) model.respecify(spec);
  return model;
}

const Model& Residency::record(const ModelSpec& spec, std::uint32_t user) {
  const Model& model = record(spec);
  if (model.absent() && model.waiting() == 0) own(model).set_owner(user);
  return model;
}

const Model* Residency::find(const std::string& key) const {
  const auto found = models_.find(key);
  return found == models_.end() ? nullptr : &found->second;
}

std::vector<const Model*> Residency::of_lane(Lane lane) const {
  std::vector<const Model*> here;
  for (const auto& [key, model] : models_) {
    if (model.spec().lane == lane && !model.absent()) here.push_back(&model);
  }
  return here;
}

std::vector<const Model*> Residency::all_taking_memory() const {
  std::vector<const Model*> found;
  for (const auto& [key, model] : models_) {
    if (model.takes_memory()) found.push_back(&model);
  }
  return found;
}

bool Residency::needs(Lane lane) const {
  return std::ranges::any_of(models_, [lane](const auto& entry) {
    const Model& model = entry.second;
    return model.spec().lane == lane && (model.restoring() || !model.absent());
  });
}

void Residency::forget_if_unused(const Model& model) {
  const bool in_use = !model.absent() || model.restoring() || model.uses() > 0 ||
                      model.waiting() > 0 || model.unloaders() > 0;
  if (!in_use) models_.erase(models_.find(model.spec().key));
}

std::vector<const Model*> Residency::by_urgency() {
  const SteadyTime now = clock_.now();
  std::ranges::stable_sort(wanted_, {}, [&](const Model* model) {
    const auto lifted = bounds_.aging.count() > 0 ? (now - model->wanted_at()) / bounds_.aging : 0;
    return static_cast<Duration::rep>(model->rank()) - lifted;
  });
  return wanted_;
}

bool Residency::wants_any_of(Lane lane) const {
  return std::ranges::any_of(wanted_,
                             [lane](const Model* model) { return model->spec().lane == lane; });
}

void Residency::want(const Model& model, Priority rank) {
  own(model).want(rank, clock_.now());
  wanted_.push_back(&model);
}

void Residency::admit(const Model& model) {
  own(model).admit(history_.memory_needed(model.spec()), ++admissions_);
  std::erase(wanted_, &model);
  to_load_[index(model.spec().lane)].push_back(&model);
}

const Model* Residency::next_load(Lane lane) const {
  const auto& models = to_load_[index(lane)];
  return models.empty() ? nullptr : models.front();
}

void Residency::begin_load(const Model& model) {
  own(model).begin_load();
  std::erase(to_load_[index(model.spec().lane)], &model);
}

void Residency::refused_by_device(const Model& model, Error why) {
  own(model).refuse(std::move(why));
  wanted_.push_back(&model);
}

void Residency::became_resident(const Model& model, std::uint64_t measured,
                                std::shared_ptr<const LoadResult> info) {
  if (measured > 0) history_.measured(model.spec(), std::max(measured, left_by(model)));
  history_.loaded(model.spec());
  own(model).become_resident(history_.memory_needed(model.spec()), ++loads_, clock_);
  own(model).set_load_info(std::move(info));
  retained_.erase(model.spec().key);
  used(model);
}

void Residency::lost_while_loading(const Model& model, bool blamed) {
  if (blamed) own(model).load_lost();
  retain(model);
}

std::optional<Incident> Residency::take_suspicion(const Model& model) {
  std::optional<Incident> taken = model.suspicion();
  own(model).clear_suspicion();
  return taken;
}

void Residency::start_unload(const Model& model) {
  own(model).begin_unload();
  to_unload_[index(model.spec().lane)].push_back(&model);
}

const Model* Residency::next_unload(Lane lane) const {
  const auto& models = to_unload_[index(lane)];
  return models.empty() ? nullptr : models.front();
}

void Residency::begin_unload(const Model& model) {
  std::erase(to_unload_[index(model.spec().lane)], &model);
}

void Residency::became_absent(const Model& model, bool returns) {
  const bool was_on_device = model.resident() || model.state() == ModelState::kUnloading;
  std::erase(wanted_, &model);
  std::erase(to_load_[index(model.spec().lane)], &model);
  std::erase(to_unload_[index(model.spec().lane)], &model);
  if (was_on_device && !returns) history_.gives_room(model.load_order());
  if (was_on_device) retain(model);
  own(model).become_absent(returns);
}

std::vector<const Model*> Residency::expired() const {
  std::vector<const Model*> found;
  for (const auto& [key, model] : models_) {
    const auto expiry = model.expiry();
    if (expiry && *expiry <= clock_.now()) found.push_back(&model);
  }
  return found;
}

std::optional<SteadyTime> Residency::next_expiry() const {
  std::optional<SteadyTime> next;
  for (const auto& [key, model] : models_) {
    const auto expiry = model.expiry();
    if (expiry && (!next || *expiry < *next)) next = expiry;
  }
  return next;
}

std::vector<const Model*> Residency::to_restore(Lane lane) const {
  std::vector<const Model*> found;
  for (const auto& [key, model] : models_) {
    if (model.restoring() && model.absent() && model.spec().lane == lane) found.push_back(&model);
  }
  std::ranges::sort(found, std::greater<>{}, &Model::last_use);
  return found;
}

bool Residency::restores_any_of(Lane lane) const {
  return std::ranges::any_of(models_, [lane](const auto& entry) {
    return entry.second.restoring() && entry.second.spec().lane == lane;
  });
}

void Residency::forget_unpinned_returns(Lane lane) {
  std::vector<Model*> lost;
  for (auto& [key, model] : models_) {
    if (model.spec().lane == lane && model.restoring() && !std::as_const(model).pins().any()) {
      lost.push_back(&model);
    }
  }
  for (Model* model : lost) {
    model->give_up_return();
    forget_if_unused(*model);
  }
}

void Residency::unclaim_all() {
  for (auto& [key, model] : models_) model.set_claimed(false);
}

void Residency::claim(const std::vector<const Model*>& models) {
  for (const Model* model : models) own(*model).set_claimed(true);
}

void Residency::evict(const std::vector<const Model*>& victims, const Model& beneficiary) {
  for (const Model* victim : victims) {
    count_eviction(*victim, beneficiary);
    start_unload(*victim);
  }
  own(beneficiary).make_room(false);
}

void Residency::renew_group_for(const Model& beneficiary,
                                const std::vector<const Model*>& victims) {
  for (const Model* victim : victims) count_eviction(*victim, beneficiary);
  own(beneficiary).make_room(true);
}

void Residency::count_eviction(const Model& victim, const Model& beneficiary) {
  ++evictions_;
  capacity_event_ = {no_room_for(beneficiary), victim.spec().path, clock_.wall()};
}

void Residency::note_no_room(const Model& model) {
  capacity_event_ = {no_room_for(model) + "; no models available to evict", model.spec().path,
                     clock_.wall()};
}

}  // namespace npu::broker
