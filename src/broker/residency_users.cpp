// Residency: what users may do with models that they share.
#include <fmt/format.h>

#include "broker/residency.hpp"

namespace npu::broker {

void Residency::used(const Model& model) { own(model).used(++uses_, clock_); }

Status Residency::may_pin(const Request& request) const {
  if (request.administrator || request.pin != true) return {};
  const ModelSpec& spec = request.model;
  std::size_t pins = 0;
  std::uint64_t pinned = 0;
  std::uint64_t needed = history_.memory_needed(spec);
  for (const auto& [key, model] : models_) {
    const bool is_this = key == spec.key;
    if (is_this && model.pins().is_of(request.user)) return {};
    if (is_this && model.takes_memory()) needed = model.bytes();
    if (!is_this && model.pins().is_of(request.user)) ++pins;
    if (!is_this && model.pins().any() && !model.pins().is_lasting()) pinned += model.bytes();
  }
  if (!spec.exclusive_group.empty()) {
    return fail(ErrorCode::kPermission,
                fmt::format("{} may be pinned by administrators only (root, and who is in "
                            "limits.admins): no other model of its kind could be loaded",
                            spec.path));
  }
  if (pins >= bounds_.pins_per_user) {
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("{} is not pinned: a user has at most {} pinned models (limits.pins)",
                            spec.path, bounds_.pins_per_user));
  }
  const double bound = bounds_.pinned_share * static_cast<double>(memory_);
  if (memory_ > 0 && static_cast<double>(pinned + needed) > bound) {
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("{} is not pinned: it takes {} bytes, other pinned models {}, and "
                            "users may pin {:.0f} of the device's {} (limits.pinned_share)",
                            spec.path, needed, pinned, bound, memory_));
  }
  return {};
}

Status Residency::apply_wishes(const Model& model, const Request& request) {
  own(model).users().used_by(request.user, request.keep_alive);
  if (Status may = may_pin(request); !may) return may;
  if (!request.pin) return {};
  const bool was_pinned = model.pins().any();
  if (*request.pin) {
    own(model).pins().add(request);
  } else {
    own(model).pins().take_back(request);
  }
  if (was_pinned && !model.pins().any()) history_.gives_room(model.load_order());
  return {};
}

// What was pinned becomes a model like others.
void Residency::end_pins(ConnectionId connection) {
  for (auto& [key, model] : models_) {
    const std::optional<std::uint32_t> user = model.pins().end_of(connection);
    if (!user) continue;
    if (!model.pins().is_of(*user)) model.users().forget_wish(*user);
    if (!model.pins().any()) history_.gives_room(model.load_order());
  }
}

}  // namespace npu::broker
