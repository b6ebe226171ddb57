#include "broker/model.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/bug.hpp"

namespace npu::broker {

std::string_view name_of(ModelState state) {
  switch (state) {
    case ModelState::kAbsent: return "absent";
    case ModelState::kWanted: return "wanted";
    case ModelState::kAdmitted: return "admitted";
    case ModelState::kLoading: return "loading";
    case ModelState::kResident: return "resident";
    case ModelState::kUnloading: return "unloading";
  }
  return "unknown";
}

std::optional<SteadyTime> Model::expiry() const {
  const bool idle = usable() && uses() == 0 && waiting() == 0;
  if (!idle || pins_.any()) return std::nullopt;
  if (users_.keep_alive() >= SteadyTime::max() - used_at_) return std::nullopt;
  return used_at_ + users_.keep_alive();
}

void Model::want(Priority rank, SteadyTime now) {
  change(ModelState::kAbsent, ModelState::kWanted);
  rank_ = rank;
  wanted_at_ = now;
}

void Model::admit(std::uint64_t bytes, std::uint64_t admitted) {
  change(ModelState::kWanted, ModelState::kAdmitted);
  bytes_ = bytes;
  admitted_ = admitted;
}

void Model::begin_load() {
  change(ModelState::kAdmitted, ModelState::kLoading);
  awaits_unload_ = false;
  suspicion_.reset();
}

void Model::refuse(Error why) {
  change(ModelState::kLoading, ModelState::kWanted);
  refusal_ = std::move(why);
}

void Model::become_resident(std::uint64_t bytes, std::uint64_t load_order, const Clock& clock) {
  change(ModelState::kLoading, ModelState::kResident);
  bytes_ = bytes;
  load_order_ = load_order;
  resident_since_ = clock.now();
  loaded_at_ = clock.wall();
  fresh_ = waiting() > 0;
  restoring_ = awaits_unload_ = group_renewed_ = false;
  refusal_.reset();
  lost_loads_ = 0;
}

void Model::begin_unload() {
  change(ModelState::kResident, ModelState::kUnloading);
  if (uses() > 0) report_bug(fmt::format("{} is unloaded while it is in use", spec_.key));
}

void Model::become_absent(bool returns) {
  if (uses() > 0) report_bug(fmt::format("{} is given up while it is in use", spec_.key));
  state_ = ModelState::kAbsent;
  claimed_ = fresh_ = awaits_unload_ = group_renewed_ = stuck_ = false;
  refusal_.reset();
  restoring_ = returns;
  load_info_.reset();
  if (returns) return;
  bytes_ = 0;
  pins_.clear();
  users_.clear();
}

void Model::used(std::uint64_t use, const Clock& clock) {
  last_use_ = use;
  used_at_ = clock.now();
  last_used_ = clock.wall();
}

void Model::make_room(bool by_renewing_group) {
  if (by_renewing_group) {
    group_renewed_ = true;
  } else {
    awaits_unload_ = refusal_.has_value();
  }
  refusal_.reset();
}

void Model::hold(HoldKind kind) {
  if (kind == HoldKind::kUse) {
    if (!resident())
      report_bug(fmt::format("{} is used while it is {}", spec_.key, name_of(state_)));
    fresh_ = false;
  }
  ++holds_[static_cast<std::size_t>(kind)];
}

void Model::let_go(HoldKind kind) { --holds_[static_cast<std::size_t>(kind)]; }

void Model::change(ModelState from, ModelState to) {
  if (state_ != from) {
    report_bug(fmt::format("{} becomes {} and is {}", spec_.key, name_of(to), name_of(state_)));
  }
  state_ = to;
}

}  // namespace npu::broker
