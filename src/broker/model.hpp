// The record of one model: how far it is on its way to the device and back, and who holds it.
//
//   kAbsent -> kWanted -> kAdmitted -> kLoading -> kResident -> kUnloading -> kAbsent
//                 ^                        │
//                 └─ the device refuses it ┘
//
// From everywhere it may become kAbsent: its worker or the device's group went, or nobody wants it
// any more. A change that is not drawn is a mistake of the broker: it is reported (base/bug.hpp)
// and carried out, since what follows it, an order or an answer of a worker, is a fact.
//
// Residency alone changes a record; everybody else reads it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "broker/model_users.hpp"
#include "broker/pins.hpp"
#include "broker/quarantine.hpp"
#include "broker/types.hpp"

namespace npu::broker {

enum class ModelState {
  kAbsent,
  kWanted,    // to be loaded as soon as there is room for it
  kAdmitted,  // its memory is reserved; its load waits for its lane
  kLoading,   // the lane was told
  kResident,
  kUnloading,  // decided; still takes memory until the lane has answered
};
std::string_view name_of(ModelState state);

// Why somebody holds a model (model_hold.hpp).
enum class HoldKind {
  kQueued,  // a load or an inference waits for its turn
  kParked,  // its turn has come, it waits for the model
  kUnload,  // a request to unload it waits for the end of its use
  kUse,     // an inference is on the lane
};

class Model {
 public:
  // usual_keep_alive: of users who say nothing.
  Model(const ModelSpec& spec, Duration usual_keep_alive) : spec_(spec), users_(usual_keep_alive) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelSpec& spec() const { return spec_; }
  ModelState state() const { return state_; }
  bool absent() const { return state_ == ModelState::kAbsent; }
  bool resident() const { return state_ == ModelState::kResident; }
  bool takes_memory() const { return state_ >= ModelState::kAdmitted; }
  // As takes_memory(), and for those that are pinned also while they are to come back.
  bool holds_place() const { return takes_memory() || (restoring_ && pins_.any()); }
  // Gets new work.
  bool usable() const { return resident() && !claimed_ && unloaders() == 0; }

  std::uint64_t bytes() const { return bytes_; }  // reserved, later measured
  // Rises with every use, load or admission of any model: the order for eviction, of loading, and
  // of loads between lanes.
  std::uint64_t last_use() const { return last_use_; }
  std::uint64_t load_order() const { return load_order_; }
  std::uint64_t admitted() const { return admitted_; }

  std::size_t waiting() const { return held(HoldKind::kQueued) + held(HoldKind::kParked); }
  std::size_t parked() const { return held(HoldKind::kParked); }
  std::size_t unloaders() const { return held(HoldKind::kUnload); }
  std::size_t uses() const { return held(HoldKind::kUse); }

  std::uint32_t owner() const { return owner_; }  // the user who asked for it first
  const Pins& pins() const { return pins_; }
  const ModelUsers& users() const { return users_; }
  // When it is to go because nobody has used it for long enough.
  std::optional<SteadyTime> expiry() const;

  SteadyTime resident_since() const { return resident_since_; }
  WallTime loaded_at() const { return loaded_at_; }
  WallTime last_used() const { return last_used_; }
  const std::shared_ptr<const LoadResult>& load_info() const { return load_info_; }

  SteadyTime wanted_at() const { return wanted_at_; }  // since when it is kWanted
  Priority rank() const { return rank_; }              // the highest class that wants it
  // Was resident when its lane or the device's group went: comes back.
  bool restoring() const { return restoring_; }
  // Loaded for a request that has not used it yet: evicting it would load it in vain.
  bool promised() const { return fresh_ && waiting() > 0; }
  // On a worker that was killed and does not end.
  bool stuck() const { return stuck_; }
  // The device had no room for it: one more model has to go first.
  const std::optional<Error>& refusal() const { return refusal_; }
  bool awaits_unload() const {
    return awaits_unload_;
  }  // that one was chosen and is on its way out
  bool group_renewed() const { return group_renewed_; }  // the device's group was released for it
  int lost_loads() const { return lost_loads_; }         // that ended with the loss of the worker
  // Of the last of these, until the load is repeated.
  const std::optional<Incident>& suspicion() const { return suspicion_; }

  // Where it is. Each says what the state has to be before.
  void want(Priority rank, SteadyTime now);                 // kAbsent
  void admit(std::uint64_t bytes, std::uint64_t admitted);  // kWanted
  void begin_load();                                        // kAdmitted
  void refuse(Error why);                                   // kLoading; wanted again
  void become_resident(std::uint64_t bytes, std::uint64_t load_order, const Clock& clock);
  void begin_unload();  // kResident and not in use
  // Any, not in use. Pins and what its users want go too unless it `returns`.
  void become_absent(bool returns);

  // For whom.
  void respecify(const ModelSpec& spec) { spec_ = spec; }  // kAbsent
  void set_owner(std::uint32_t user) { owner_ = user; }
  void raise(Priority rank) { rank_ = std::min(rank_, rank); }
  void used(std::uint64_t use, const Clock& clock);
  Pins& pins() { return pins_; }
  ModelUsers& users() { return users_; }
  void set_load_info(std::shared_ptr<const LoadResult> info) { load_info_ = std::move(info); }

  // What was decided about it.
  void set_claimed(bool claimed) { claimed_ = claimed; }  // goes when its use ends: no new work
  void give_up_return() { restoring_ = false; }
  void set_stuck() { stuck_ = true; }
  void make_room(bool by_renewing_group);  // after a refusal
  void load_lost() { ++lost_loads_; }
  void loads_failed() { lost_loads_ = 0; }
  void suspect(Incident of) { suspicion_ = std::move(of); }
  void clear_suspicion() { suspicion_.reset(); }

 private:
  friend class ModelHold;
  void hold(HoldKind kind);
  void let_go(HoldKind kind);
  std::size_t held(HoldKind kind) const { return holds_[static_cast<std::size_t>(kind)]; }
  void change(ModelState from, ModelState to);

  ModelSpec spec_;
  ModelState state_ = ModelState::kAbsent;
  std::array<std::size_t, 4> holds_{};  // indexed by HoldKind
  std::uint64_t bytes_ = 0;
  std::uint64_t last_use_ = 0;
  std::uint64_t load_order_ = 0;
  std::uint64_t admitted_ = 0;
  std::uint32_t owner_ = 0;
  Pins pins_;
  ModelUsers users_;
  SteadyTime resident_since_{};
  SteadyTime used_at_{};
  WallTime loaded_at_{};
  WallTime last_used_{};
  std::shared_ptr<const LoadResult> load_info_;
  SteadyTime wanted_at_{};
  Priority rank_ = Priority::kBatch;
  bool claimed_ = false;
  bool fresh_ = false;
  bool restoring_ = false;
  bool stuck_ = false;
  bool awaits_unload_ = false;
  bool group_renewed_ = false;
  std::optional<Error> refusal_;
  int lost_loads_ = 0;
  std::optional<Incident> suspicion_;
};

}  // namespace npu::broker
