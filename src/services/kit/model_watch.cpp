#include "services/kit/model_watch.hpp"

#include <algorithm>

namespace npu::kit {

void ModelWatch::loaded(const LoadedModel& model) {
  seen_ = {};
  listed_as_ = model.listed_as.empty() ? path_ : model.listed_as;
}

bool ModelWatch::listed(const ManagerStatus& status) const {
  if (!status.models || status.models_left_out > 0) return true;  // perhaps
  return std::ranges::any_of(*status.models, [this](const ListedModel& model) {
    return model.type == type_ && model.path == listed_as_;
  });
}

Status ModelWatch::check(const ManagerStatus& status) {
  const Seen before = seen_;
  if (status.evictions) seen_.evictions = status.evictions;
  const bool there = listed(status);
  const bool more_evictions = before.evictions && seen_.evictions > before.evictions;
  seen_.evicted = !there && (before.evicted || more_evictions);
  if (there) return {};
  if (status.broken_reason) return fail(ErrorCode::kDeviceLost, *status.broken_reason);
  if (!keeps_ || seen_.evicted) return {};
  return fail(ErrorCode::kNotFound, "the device manager has unloaded the model");
}

}  // namespace npu::kit
