// What users may do with models that they share.
#include <algorithm>

#include <fmt/format.h>

#include "broker/broker_impl.hpp"

namespace npu::broker {

// A model counts as used by all who have loaded it or inferred with it since it is there: none of
// them is to find it gone because of another.
Status Broker::Impl::may_unload(const Request& request) const {
  const auto known = residency_.models().find(request.model.key);
  if (request.administrator || known == residency_.models().end()) return {};
  const Model& model = known->second;
  const bool has_used = std::ranges::any_of(
      model.users, [&](const auto& user) { return user.first != request.user; });
  const bool waits = std::ranges::any_of(model.waiting, [&](const RequestId id) {
    return requests_.find(id)->request.user != request.user;
  });
  if (!has_used && !waits) return {};
  return fail(ErrorCode::kPermission,
              fmt::format("{} is used by other users too: only administrators (root, and who is in "
                          "limits.admins) may unload it. It goes by itself when its memory is "
                          "needed",
                          model.spec.path));
}

Status Broker::Impl::may_pin(const Request& request) const {
  if (request.administrator || request.pin != true) return {};
  const ModelSpec& spec = request.model;
  std::size_t pins = 0;
  std::uint64_t pinned = 0;
  std::uint64_t needed = history_.memory_needed(spec);
  for (const auto& [key, model] : residency_.models()) {
    if (key == spec.key && model.pins.is_of(request.user)) return {};
    if (key == spec.key && model.takes_memory()) needed = model.bytes;
    if (key != spec.key && model.pins.is_of(request.user)) ++pins;
    if (key != spec.key && model.pins.any() && !model.pins.is_lasting()) pinned += model.bytes;
  }
  if (!spec.exclusive_group.empty()) {
    return fail(ErrorCode::kPermission,
                fmt::format("{} may be pinned by administrators only (root, and who is in "
                            "limits.admins): no other model of its kind could be loaded",
                            spec.path));
  }
  if (pins >= options_.max_pins_per_user) {
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("{} is not pinned: a user has at most {} pinned models (limits.pins)",
                            spec.path, options_.max_pins_per_user));
  }
  const double bound = options_.max_pinned_share * static_cast<double>(residency_.memory());
  if (residency_.memory() > 0 && static_cast<double>(pinned + needed) > bound) {
    return fail(ErrorCode::kQuotaExceeded,
                fmt::format("{} is not pinned: it takes {} bytes, other pinned models {}, and "
                            "users may pin {:.0f} of the device's {} (limits.pinned_share)",
                            spec.path, needed, pinned, bound, residency_.memory()));
  }
  return {};
}

// Asked again whether it may pin: others may have pinned since the request came.
Status Broker::Impl::apply_wishes(Model& model, const Request& request) {
  residency_.used_by(model, request.user, request.keep_alive);
  if (Status may = may_pin(request); !may) return may;
  if (!request.pin) return {};
  const bool was_pinned = model.pins.any();
  if (*request.pin) {
    model.pins.add(request);
  } else {
    model.pins.take_back(request);
  }
  if (was_pinned && !model.pins.any()) history_.gives_room(model.load_order);
  return {};
}

// What was pinned becomes a model like others.
void Broker::Impl::end_pins(ConnectionId connection) {
  for (auto& [key, model] : residency_.models()) {
    const std::optional<std::uint32_t> user = model.pins.end_of(connection);
    if (!user) continue;
    if (!model.pins.is_of(*user)) residency_.forget_keep_alive(model, *user);
    if (!model.pins.any()) history_.gives_room(model.load_order);
  }
  for (const Lane which : kLanes) forget_lost(which);
}

}  // namespace npu::broker
