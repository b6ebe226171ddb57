// Which models there are, in which state, and what memory they take.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/model.hpp"
#include "broker/model_lease.hpp"

namespace npu::broker {

// Records exist for models that are resident, on the way, or asked for by a waiting request;
// forget_if_unused() drops the others, and with them their pin and keep_alive. References to a
// record are stable while it exists.
class Residency {
 public:
  explicit Residency(Duration default_keep_alive) : default_keep_alive_(default_keep_alive) {}

  // memory_bytes: what models may use together, 0 is without bound.
  void set_device(std::uint64_t memory_bytes, bool group_release);
  std::uint64_t memory() const { return memory_; }
  bool group_release() const { return group_release_; }

  Model& record(const ModelSpec& spec);
  Model* find(const std::string& key);
  const std::map<std::string, Model>& models() const { return models_; }
  std::map<std::string, Model>& models() { return models_; }
  void forget_if_unused(Model& model);

  // Model::load_order of the last one that became resident.
  std::uint64_t loads() const { return loads_; }

  ModelLease lease(Model& model) { return ModelLease(model); }
  void became_resident(Model& model, std::uint64_t bytes, const Clock& clock);
  void used(Model& model, const Clock& clock);
  // keep_alive: what the user says now; absent leaves what he said before.
  void used_by(Model& model, std::uint32_t user, std::optional<Duration> keep_alive);
  void forget_keep_alive(Model& model, std::uint32_t user);
  // Ends its residency, reservation or wish for it. Pin and keep_alive go too unless it `returns`.
  void became_absent(Model& model, bool returns);

  // Its worker was lost during the load: part of it may be on the device already.
  void lost_while_loading(const Model& model);

  // Memory of admitted, resident and leaving models, of pinned ones that are to come back, and of
  // what only a release of the group gives back; without what `asking` itself takes or left there.
  std::uint64_t used_bytes(const Model& asking) const;
  // Of it, what cannot be evicted.
  std::uint64_t pinned_bytes(const Model& asking) const;
  // What a release of the group gives back besides resident models.
  std::uint64_t retained_bytes(const Model& asking) const;
  // Of it, what an earlier stay of this model left there: it takes no more when it comes back.
  std::uint64_t left_by(const Model& model) const;
  void group_was_released() { retained_.clear(); }

  // Of a lane, those that are to come back; the last used first.
  std::vector<Model*> to_restore(Lane lane);
  std::optional<SteadyTime> expiry(const Model& model) const;

 private:
  void retain(const Model& model);
  void renew_keep_alive(Model& model) const;
  bool holds_place(const Model& model) const {
    return model.takes_memory() || (model.restoring && model.pins.any());
  }

  Duration default_keep_alive_;
  std::uint64_t memory_ = 0;
  bool group_release_ = false;
  std::map<std::string, Model> models_;
  std::map<std::string, std::uint64_t> retained_;  // by model key; "": of others, over kMaxRetained
  std::uint64_t uses_ = 0;
  std::uint64_t loads_ = 0;
};

}  // namespace npu::broker
