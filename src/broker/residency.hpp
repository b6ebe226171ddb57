// Holds the models: which there are, how far each is, what memory they take, who keeps them.
//
// The rest of the broker reads the records and asks for changes by name. Nothing here calls back,
// gives orders to lanes or ends requests: the broker does what a change leads to.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/capacity_event.hpp"
#include "broker/model.hpp"
#include "broker/model_history.hpp"
#include "broker/model_hold.hpp"

namespace npu::broker {

// Records exist for models that are resident, on the way, or held by somebody; forget_if_unused()
// drops the others, and with them their pins and wishes. References to a record are stable while it
// exists.
class Residency {
 public:
  struct Bounds {
    Duration default_keep_alive = Duration::max();
    Duration aging{};  // waiting this long makes a wanted model as urgent as the next class
    // Of those who are no administrators.
    std::size_t pins_per_user = 8;
    double pinned_share = 0.5;
  };
  // history: learns what is measured and what makes room here.
  Residency(const Bounds& bounds, ModelHistory& history, const Clock& clock)
      : bounds_(bounds), history_(history), clock_(clock) {}

  // memory_bytes: what models may use together, 0 is without bound.
  void set_device(std::uint64_t memory_bytes, bool group_release);
  std::uint64_t memory() const { return memory_; }
  bool group_release() const { return group_release_; }

  // Records.
  const Model& record(const ModelSpec& spec);
  // As record(), for a request of this user that is going to hold it.
  const Model& record(const ModelSpec& spec, std::uint32_t user);
  const Model* find(const std::string& key) const;
  const std::map<std::string, Model>& models() const { return models_; }
  std::vector<const Model*> of_lane(Lane lane) const;  // all but those kAbsent
  std::vector<const Model*> all_taking_memory() const;
  bool needs(Lane lane) const;  // one is there, on its way or comes back
  void forget_if_unused(const Model& model);
  ModelHold hold(const Model& model, HoldKind kind) { return {own(model), kind}; }

  // The way to the device. Wanted models in the order in which they are planned for.
  std::vector<const Model*> by_urgency();
  bool wants_any_of(Lane lane) const;
  void want(const Model& model, Priority rank);
  void raise(const Model& model, Priority rank) { own(model).raise(rank); }
  void admit(const Model& model);
  const Model* next_load(Lane lane) const;  // the first admitted
  void begin_load(const Model& model);
  void refused_by_device(const Model& model, Error why);
  // measured: bytes; 0 if the device cannot tell.
  void became_resident(const Model& model, std::uint64_t measured,
                       std::shared_ptr<const LoadResult> info);
  // Model::load_order of the last one that became resident.
  std::uint64_t loads() const { return loads_; }
  // Its worker was lost during the load: part of it may be on the device already.
  void lost_while_loading(const Model& model, bool blamed);
  void suspect(const Model& model, Incident of) { own(model).suspect(std::move(of)); }
  std::optional<Incident> take_suspicion(const Model& model);
  void loads_failed(const Model& model) { own(model).loads_failed(); }

  // The way back.
  void start_unload(const Model& model);
  const Model* next_unload(Lane lane) const;  // the first not handed over
  void begin_unload(const Model& model);      // handed over
  void became_absent(const Model& model, bool returns);
  void set_stuck(const Model& model) { own(model).set_stuck(); }
  std::vector<const Model*> expired() const;
  std::optional<SteadyTime> next_expiry() const;
  // Of a lane, those that are to come back; the last used first.
  std::vector<const Model*> to_restore(Lane lane) const;
  bool restores_any_of(Lane lane) const;
  void forget_unpinned_returns(Lane lane);

  // Room for another: claimed models get no new work, evicted ones go.
  void unclaim_all();
  void claim(const std::vector<const Model*>& models);
  void evict(const std::vector<const Model*>& victims, const Model& beneficiary);
  // Instead: the whole group is released, in which these go for good.
  void renew_group_for(const Model& beneficiary, const std::vector<const Model*>& victims);
  void group_was_released() { retained_.clear(); }
  void note_no_room(const Model& model);
  std::uint64_t evictions() const { return evictions_; }
  const std::optional<CapacityEvent>& capacity_event() const { return capacity_event_; }

  // residency_memory.cpp
  // Memory of admitted, resident and leaving models, of pinned ones that are to come back, and of
  // what only a release of the group gives back; without what `asking` itself takes or left there.
  std::uint64_t used_bytes(const Model& asking) const;
  // Of it, what cannot be evicted.
  std::uint64_t pinned_bytes(const Model& asking) const;
  // What a release of the group gives back besides resident models.
  std::uint64_t retained_bytes(const Model& asking) const;

  // residency_users.cpp
  void used(const Model& model);
  Status may_pin(const Request& request) const;
  // keep_alive and pin. Asked again whether it may pin: others may have since the request came.
  Status apply_wishes(const Model& model, const Request& request);
  void end_pins(ConnectionId connection);

 private:
  // Records are handed out to be read; all of them lie in models_, which is not const.
  static Model& own(const Model& model) { return const_cast<Model&>(model); }
  static std::size_t index(Lane lane) { return static_cast<std::size_t>(lane); }
  void count_eviction(const Model& victim, const Model& beneficiary);
  void retain(const Model& model);
  // Of it, what an earlier stay of this model left there: it takes no more when it comes back.
  std::uint64_t left_by(const Model& model) const;

  const Bounds bounds_;
  ModelHistory& history_;
  const Clock& clock_;
  std::uint64_t memory_ = 0;
  bool group_release_ = false;
  std::map<std::string, Model> models_;
  std::vector<const Model*> wanted_;                               // kWanted
  std::array<std::deque<const Model*>, kLanes.size()> to_load_;    // kAdmitted
  std::array<std::deque<const Model*>, kLanes.size()> to_unload_;  // kUnloading, not handed over
  std::map<std::string, std::uint64_t> retained_;  // by model key; "": of others, over kMaxRetained
  std::uint64_t uses_ = 0;
  std::uint64_t loads_ = 0;
  std::uint64_t admissions_ = 0;
  std::uint64_t evictions_ = 0;
  std::optional<CapacityEvent> capacity_event_;
};

}  // namespace npu::broker
