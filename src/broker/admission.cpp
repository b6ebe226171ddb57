#include "broker/admission.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace npu::broker {
namespace {

std::uint64_t minus(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

std::uint64_t total_bytes(const std::vector<const Model*>& models) {
  std::uint64_t sum = 0;
  for (const Model* model : models) sum += model->bytes();
  return sum;
}

bool is_only_of(const Model& model, std::uint32_t user) {
  return model.owner() == user && !model.users().any_but(user);
}

void refuse(Plan& plan, ErrorCode code, std::string message) {
  plan = {.kind = Plan::Kind::kRefuse, .error = {code, std::move(message)}};
}

}  // namespace

Status Admission::fits_the_device(const ModelSpec& model) const {
  const std::uint64_t needed = history_.memory_needed(model);
  if (residency_.memory() == 0 || needed <= residency_.memory()) return {};
  return fail(ErrorCode::kDoesNotFit,
              fmt::format("{} needs {} bytes of device memory, there are {}", model.path, needed,
                          residency_.memory()));
}

Plan Admission::plan(const Model& wanted, SteadyTime now) {
  Plan plan{.kind = Plan::Kind::kLoad};
  if (Status fits = fits_the_device(wanted.spec()); !fits) {
    refuse(plan, fits.error().code, std::move(fits.error().message));
    return plan;
  }
  check_pins(wanted, plan) && make_room_in_group(wanted, now, plan) &&
      make_room_after_refusal(wanted, now, plan) && make_room_in_number(wanted, now, plan) &&
      make_room_in_memory(wanted, now, plan);
  return plan;
}

bool Admission::check_pins(const Model& wanted, Plan& plan) const {
  const std::uint64_t needed = history_.memory_needed(wanted.spec());
  const std::uint64_t pinned = residency_.pinned_bytes(wanted);
  if (residency_.memory() == 0 || needed <= minus(residency_.memory(), pinned)) return true;
  refuse(plan, ErrorCode::kDoesNotFit,
         fmt::format("{} needs {} bytes of device memory: pinned models hold {} of {}",
                     wanted.spec().path, needed, pinned, residency_.memory()));
  return false;
}

bool Admission::make_room_in_group(const Model& wanted, SteadyTime now, Plan& plan) {
  const std::string& group = wanted.spec().exclusive_group;
  if (group.empty()) return true;
  plan.kind = Plan::Kind::kWait;
  if (!groups_.insert(group).second) return false;
  for (const auto& [key, other] : residency_.models()) {
    if (&other == &wanted || other.spec().exclusive_group != group) continue;
    if (other.pins().any() && (other.takes_memory() || other.restoring())) {
      refuse(plan, ErrorCode::kDoesNotFit,
             fmt::format("{} cannot be loaded beside the pinned {}: they share what the device has "
                         "once ({})",
                         wanted.spec().path, other.spec().path, group));
      return false;
    }
    if (!other.takes_memory()) continue;
    if (other.resident() && can_go(other, now)) {
      evict({&other}, plan);
      continue;
    }
    if (other.resident()) wait_for({&other}, now, plan);
    reserved_ += minus(history_.memory_needed(wanted.spec()), other.bytes());
    return false;
  }
  if (plan.victims.empty()) plan.kind = Plan::Kind::kLoad;
  return true;
}

bool Admission::make_room_after_refusal(const Model& wanted, SteadyTime now, Plan& plan) {
  if (wanted.awaits_unload() && is_anything_leaving()) {
    plan.kind = Plan::Kind::kWait;
    return false;
  }
  if (!wanted.refusal() || !plan.victims.empty()) return true;
  const std::uint64_t needed = history_.memory_needed(wanted.spec());
  const bool room_was_not_the_matter =
      residency_.memory() > 0 && needed > 0 && free_bytes(wanted) / 2 >= needed;
  const Candidates candidates = this->candidates(wanted, now);
  const bool refused_lately = history_.refused_lately(wanted.spec(), now);
  if (!refused_lately && may_renew_group(wanted)) {
    plan.kind = Plan::Kind::kEvict;
  } else if (room_was_not_the_matter || refused_lately) {
    plan.nobody_left = true;
  } else if (!candidates.now.empty()) {
    evict({candidates.now.front()}, plan);
  } else {
    std::vector<const Model*> young = candidates.later;
    std::erase_if(young, [](const Model* model) { return model->uses() > 0; });
    if (!young.empty()) {
      wait_for({young.front()}, now, plan);
      return false;
    }
    plan.nobody_left = true;
  }
  if (plan.nobody_left) {
    const Error& said = *wanted.refusal();
    if (said.retry_after) {  // perhaps no room, perhaps something that passes
      refuse(plan, ErrorCode::kUnavailable, said.message);
      plan.error.retry_after = said.retry_after;
    } else {
      refuse(plan, said.code, said.message);
    }
    plan.nobody_left = true;
  }
  return false;
}

// The account does not know what else a group has gathered on the device in its life. Where all of
// it comes back at once, that is tried once before anybody has to go for good.
bool Admission::may_renew_group(const Model& wanted) const {
  if (!residency_.group_release() || wanted.group_renewed()) return false;
  if (residency_.retained_bytes(wanted) > 0) return true;
  return std::ranges::any_of(residency_.models(),
                             [](const auto& entry) { return entry.second.resident(); });
}

// Whoever has brought in as many as a user may goes without one of his own, and of all models the
// one has to go that was not used for longest.
bool Admission::make_room_in_number(const Model& wanted, SteadyTime now, Plan& plan) {
  std::size_t all = 0;
  std::size_t own = 0;
  std::size_t leaving = 0;
  for (const auto& [key, model] : residency_.models()) {
    if (&model == &wanted || !model.takes_memory()) continue;
    const bool is_leaving = model.state() == ModelState::kUnloading || spoken_for_.contains(&model);
    ++all;
    own += is_only_of(model, wanted.owner()) ? 1 : 0;
    leaving += is_leaving ? 1 : 0;
  }
  const bool own_only = own >= bounds_.models_per_user;
  if (!own_only && all < bounds_.models) return true;
  if (leaving > 0) {
    if (plan.kind != Plan::Kind::kEvict) plan.kind = Plan::Kind::kWait;
    return plan.kind == Plan::Kind::kEvict;
  }
  Candidates candidates = this->candidates(wanted, now);
  const auto is_of_another = [&](const Model* model) {
    return own_only && !is_only_of(*model, wanted.owner());
  };
  std::erase_if(candidates.now, is_of_another);
  std::erase_if(candidates.later, is_of_another);
  if (!candidates.now.empty()) {
    evict({candidates.now.front()}, plan);
    return true;
  }
  if (!candidates.later.empty()) {
    wait_for({candidates.later.front()}, now, plan);
    return false;
  }
  const bool one_is_coming = std::ranges::any_of(residency_.models(), [&](const auto& entry) {
    const Model& model = entry.second;
    const bool comes =
        model.state() == ModelState::kAdmitted || model.state() == ModelState::kLoading;
    return &model != &wanted && comes && !model.stuck() && !is_of_another(&model);
  });
  if (one_is_coming) {
    plan.kind = Plan::Kind::kWait;
    return false;
  }
  refuse(plan, ErrorCode::kQuotaExceeded,
         own_only
             ? fmt::format("a user has at most {} models on the device (limits.models_per_user)"
                           ", and all of this one's are pinned",
                           bounds_.models_per_user)
             : fmt::format("there are at most {} models on the device (limits.models), and all "
                           "of them are pinned",
                           bounds_.models));
  return false;
}

bool Admission::make_room_in_memory(const Model& wanted, SteadyTime now, Plan& plan) {
  if (residency_.memory() == 0) return true;
  const std::uint64_t needed = history_.memory_needed(wanted.spec());
  const std::uint64_t free = free_bytes(wanted);
  if (needed + reserved_ <= free) return true;

  const std::uint64_t retained = residency_.retained_bytes(wanted);
  const std::uint64_t coming = leaving_bytes() + total_bytes(plan.victims) + retained;
  const std::uint64_t missing = minus(needed + reserved_ - free, coming);
  if (missing == 0) {
    if (retained > 0) plan.kind = Plan::Kind::kEvict;
    if (plan.kind != Plan::Kind::kEvict) plan.kind = Plan::Kind::kWait;
    reserved_ += minus(needed, coming);
    return true;
  }
  const Candidates candidates = this->candidates(wanted, now);
  if (const auto victims = choice_.choose(candidates.now, missing); !victims.empty()) {
    reserved_ += minus(needed, coming + total_bytes(victims));
    evict(victims, plan);
    return true;
  }
  const auto victims = choice_.choose(candidates.later, missing);
  reserved_ += minus(needed, coming + total_bytes(victims));
  plan.claims = std::move(plan.victims);
  plan.victims.clear();
  wait_for(victims, now, plan);
  return false;
}

Admission::Candidates Admission::candidates(const Model& wanted, SteadyTime now) const {
  Candidates found;
  for (const auto& [key, model] : residency_.models()) {
    if (&model == &wanted || !model.resident() || model.pins().any()) continue;
    if (model.stuck() || spoken_for_.contains(&model)) continue;
    found.later.push_back(&model);
  }
  std::ranges::sort(found.later, {}, &Model::last_use);
  std::ranges::copy_if(found.later, std::back_inserter(found.now),
                       [&](const Model* model) { return can_go(*model, now); });
  return found;
}

std::uint64_t Admission::leaving_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [key, model] : residency_.models()) {
    if (model.state() == ModelState::kUnloading) sum += model.bytes();
  }
  return sum;
}

bool Admission::is_anything_leaving() const {
  return std::ranges::any_of(residency_.models(), [](const auto& entry) {
    return entry.second.state() == ModelState::kUnloading;
  });
}

std::uint64_t Admission::free_bytes(const Model& wanted) const {
  return minus(residency_.memory(), residency_.used_bytes(wanted));
}

void Admission::evict(const std::vector<const Model*>& models, Plan& plan) {
  plan.kind = Plan::Kind::kEvict;
  for (const Model* model : models) {
    spoken_for_.insert(model);
    plan.victims.push_back(model);
  }
}

void Admission::wait_for(const std::vector<const Model*>& models, SteadyTime now, Plan& plan) {
  plan.kind = Plan::Kind::kWait;
  for (const Model* model : models) {
    spoken_for_.insert(model);
    if (!is_old(*model, now)) {
      const SteadyTime old = model->resident_since() + bounds_.min_residency;
      plan.again = plan.again ? std::min(*plan.again, old) : old;
    } else if (!model->promised()) {
      plan.claims.push_back(model);
    }
  }
}

}  // namespace npu::broker
