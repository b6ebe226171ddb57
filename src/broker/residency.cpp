#include "broker/residency.hpp"

#include <algorithm>

namespace npu::broker {
namespace {

constexpr std::size_t kMaxRetained = 1024;

}  // namespace

void Residency::set_device(std::uint64_t memory_bytes, bool group_release) {
  memory_ = memory_bytes;
  group_release_ = group_release;
}

Model& Residency::record(const ModelSpec& spec) {
  const auto [entry, is_new] = models_.try_emplace(spec.key);
  Model& model = entry->second;
  if (is_new) model.keep_alive = default_keep_alive_;
  if (is_new || model.state == ModelState::kAbsent) model.spec = spec;
  return model;
}

Model* Residency::find(const std::string& key) {
  const auto found = models_.find(key);
  return found == models_.end() ? nullptr : &found->second;
}

void Residency::forget_if_unused(Model& model) {
  const bool in_use = model.state != ModelState::kAbsent || model.restoring || model.leases > 0 ||
                      !model.waiting.empty() || !model.unloaders.empty();
  if (!in_use) models_.erase(models_.find(model.spec.key));
}

void Residency::became_resident(Model& model, std::uint64_t bytes, const Clock& clock) {
  model.state = ModelState::kResident;
  model.bytes = bytes;
  model.load_order = ++loads_;
  model.resident_since = clock.now();
  model.loaded_at = clock.wall();
  model.fresh = !model.waiting.empty();
  model.restoring = model.awaits_unload = model.group_renewed = false;
  model.refusal.reset();
  model.lost_loads = 0;
  retained_.erase(model.spec.key);
  used(model, clock);
}

void Residency::used(Model& model, const Clock& clock) {
  model.last_use = ++uses_;
  model.used_at = clock.now();
  model.last_used = clock.wall();
}

void Residency::used_by(Model& model, std::uint32_t user, std::optional<Duration> keep_alive) {
  std::optional<Duration>& wish = model.users[user];
  if (keep_alive) wish = keep_alive;
  renew_keep_alive(model);
}

void Residency::forget_keep_alive(Model& model, std::uint32_t user) {
  model.users[user].reset();
  renew_keep_alive(model);
}

void Residency::renew_keep_alive(Model& model) const {
  model.keep_alive = Duration{};
  for (const auto& [user, wish] : model.users) {
    model.keep_alive = std::max(model.keep_alive, wish.value_or(default_keep_alive_));
  }
}

void Residency::became_absent(Model& model, bool returns) {
  const bool was_on_device =
      model.state == ModelState::kResident || model.state == ModelState::kUnloading;
  if (was_on_device) retain(model);
  model.state = ModelState::kAbsent;
  model.claimed = model.fresh = model.awaits_unload = model.group_renewed = model.stuck = false;
  model.refusal.reset();
  model.restoring = returns;
  model.load_info.reset();
  if (!returns) {
    model.bytes = 0;
    model.pins.clear();
    model.users.clear();
    model.keep_alive = default_keep_alive_;
  }
}

void Residency::lost_while_loading(const Model& model) { retain(model); }

void Residency::retain(const Model& model) {
  if (!group_release_ || model.bytes == 0) return;
  const bool known = retained_.contains(model.spec.key);
  if (known || retained_.size() < kMaxRetained) {
    retained_[model.spec.key] = model.bytes;
  } else {
    retained_[""] += model.bytes;
  }
}

std::uint64_t Residency::used_bytes(const Model& asking) const {
  std::uint64_t sum = retained_bytes(asking);
  for (const auto& [key, model] : models_) {
    if (&model != &asking && holds_place(model)) sum += model.bytes;
  }
  return sum;
}

std::uint64_t Residency::pinned_bytes(const Model& asking) const {
  std::uint64_t sum = 0;
  for (const auto& [key, model] : models_) {
    const bool stays = model.pins.any() || model.stuck;
    if (&model != &asking && stays && holds_place(model)) sum += model.bytes;
  }
  return sum;
}

std::uint64_t Residency::retained_bytes(const Model& asking) const {
  std::uint64_t sum = 0;
  for (const auto& [key, bytes] : retained_) {
    if (key == asking.spec.key) continue;
    const auto model = models_.find(key);
    const bool counted_already = model != models_.end() && holds_place(model->second);
    if (!counted_already) sum += bytes;
  }
  return sum;
}

std::uint64_t Residency::left_by(const Model& model) const {
  const auto left = retained_.find(model.spec.key);
  return left == retained_.end() ? 0 : left->second;
}

std::vector<Model*> Residency::to_restore(Lane lane) {
  std::vector<Model*> found;
  for (auto& [key, model] : models_) {
    if (model.restoring && model.state == ModelState::kAbsent && model.spec.lane == lane) {
      found.push_back(&model);
    }
  }
  std::ranges::sort(found, std::greater<>{}, &Model::last_use);
  return found;
}

std::optional<SteadyTime> Residency::expiry(const Model& model) const {
  const bool idle = model.usable() && model.leases == 0 && model.waiting.empty();
  if (!idle || model.pins.any()) return std::nullopt;
  if (model.keep_alive >= SteadyTime::max() - model.used_at) return std::nullopt;
  return model.used_at + model.keep_alive;
}

}  // namespace npu::broker
