// Residency: what the models take of the device's memory.
#include "broker/residency.hpp"

namespace npu::broker {
namespace {

constexpr std::size_t kMaxRetained = 1024;

}  // namespace

void Residency::retain(const Model& model) {
  if (!group_release_ || model.bytes() == 0) return;
  const bool known = retained_.contains(model.spec().key);
  if (known || retained_.size() < kMaxRetained) {
    retained_[model.spec().key] = model.bytes();
  } else {
    retained_[""] += model.bytes();
  }
}

std::uint64_t Residency::used_bytes(const Model& asking) const {
  std::uint64_t sum = retained_bytes(asking);
  for (const auto& [key, model] : models_) {
    if (&model != &asking && model.holds_place()) sum += model.bytes();
  }
  return sum;
}

std::uint64_t Residency::pinned_bytes(const Model& asking) const {
  std::uint64_t sum = 0;
  for (const auto& [key, model] : models_) {
    const bool stays = model.pins().any() || model.stuck();
    if (&model != &asking && stays && model.holds_place()) sum += model.bytes();
  }
  return sum;
}

std::uint64_t Residency::retained_bytes(const Model& asking) const {
  std::uint64_t sum = 0;
  for (const auto& [key, bytes] : retained_) {
    if (key == asking.spec().key) continue;
    const auto model = models_.find(key);
    const bool counted_already = model != models_.end() && model->second.holds_place();
    if (!counted_already) sum += bytes;
  }
  return sum;
}

std::uint64_t Residency::left_by(const Model& model) const {
  const auto left = retained_.find(model.spec().key);
  return left == retained_.end() ? 0 : left->second;
}

}  // namespace npu::broker
