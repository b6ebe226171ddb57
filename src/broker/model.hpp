// The broker's record of one model.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>

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

struct Model {
  ModelSpec spec;
  ModelState state = ModelState::kAbsent;
  std::uint64_t bytes = 0;     // reserved, later measured; counts from kAdmitted to kUnloading
  std::uint64_t last_use = 0;  // rises with every use of any model: the order for eviction
  std::uint64_t load_order = 0;
  std::uint64_t admitted = 0;  // rises with every admission: the order of loads between lanes
  std::size_t leases = 0;

  std::uint32_t owner = 0;  // the user who asked for it first
  Pins pins;
  // Who has loaded it or inferred with it since it is there, and how long each wants it to stay.
  std::map<std::uint32_t, std::optional<Duration>> users;
  Duration keep_alive = Duration::max();  // the longest of these
  SteadyTime resident_since{};
  SteadyTime used_at{};
  WallTime loaded_at{};
  WallTime last_used{};
  std::shared_ptr<void> load_info;

  std::set<RequestId> waiting;       // loads and inferences not yet handed to a lane
  std::set<RequestId> parked;        // those of them that wait for the model, not for their turn
  std::set<RequestId> unloaders;     // unload requests that wait for its use to end
  SteadyTime wanted_at{};            // since when it is kWanted
  Priority rank = Priority::kBatch;  // the highest class that wants it
  bool claimed = false;              // to be evicted when its use ends: gets no new work
  bool fresh = false;                // loaded for a waiting request, and not used since
  bool restoring = false;  // was resident when its lane or the device's group went: comes back
  std::optional<Error> refusal;       // the device had no room: one more model has to go first
  bool awaits_unload = false;         // that one was chosen and is on its way out
  bool group_renewed = false;         // the device's group was released for it
  bool stuck = false;                 // on a worker that was killed and does not end
  int lost_loads = 0;                 // loads of it that ended with the loss of the worker
  std::optional<Incident> suspicion;  // of the last of these, until the load is repeated

  bool takes_memory() const { return state >= ModelState::kAdmitted; }
  bool usable() const { return state == ModelState::kResident && !claimed && unloaders.empty(); }
};

}  // namespace npu::broker
