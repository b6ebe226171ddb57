// Whether a wanted model can be loaded now, and if not, what has to happen first. Changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/eviction_choice.hpp"
#include "broker/model_history.hpp"
#include "broker/residency.hpp"

namespace npu::broker {

struct Plan {
  enum class Kind {
    kLoad,   // there is room
    kEvict,  // `victims` have to go; none: only what the group retains
    kWait,   // for the end of uses or residencies; `claims` get no new work meanwhile
    kRefuse  // it cannot become resident: `error`
  };
  Kind kind = Kind::kWait;
  std::vector<const Model*> victims;
  std::vector<const Model*> claims;
  std::optional<SteadyTime> again;  // a minimum residency ends then
  Error error;
  bool nobody_left = false;  // refused because there was no model to evict
};

// Models are planned for in their order in one pass over all wanted ones; what an earlier one waits
// for is not given to a later one.
class Admission {
 public:
  struct Bounds {
    Duration min_residency{};
    std::size_t models = 0;
    std::size_t models_per_user = 0;
  };
  Admission(const Residency& residency, const ModelHistory& history, const EvictionChoice& choice,
            const Bounds& bounds)
      : residency_(residency), history_(history), choice_(choice), bounds_(bounds) {}

  // kDoesNotFit if the model cannot be loaded even on an empty device.
  Status fits_the_device(const ModelSpec& model) const;

  void begin_pass() {
    spoken_for_.clear();
    groups_.clear();
    reserved_ = 0;
  }
  Plan plan(const Model& wanted, SteadyTime now);

 private:
  struct Candidates {
    std::vector<const Model*> now;  // can go at once
    std::vector<const Model*>
        later;  // those, and busy ones, and those resident for too short a time
  };
  Candidates candidates(const Model& wanted, SteadyTime now) const;
  bool is_old(const Model& model, SteadyTime now) const {
    return now - model.resident_since() >= bounds_.min_residency;
  }
  bool can_go(const Model& model, SteadyTime now) const {
    return model.uses() == 0 && is_old(model, now) && !model.promised();
  }
  std::uint64_t leaving_bytes() const;
  bool is_anything_leaving() const;
  std::uint64_t free_bytes(const Model& wanted) const;

  // Each returns false if planning ends there.
  bool check_pins(const Model& wanted, Plan& plan) const;
  bool make_room_in_group(const Model& wanted, SteadyTime now, Plan& plan);
  bool make_room_in_number(const Model& wanted, SteadyTime now, Plan& plan);
  bool make_room_in_memory(const Model& wanted, SteadyTime now, Plan& plan);
  bool may_renew_group(const Model& wanted) const;
  bool make_room_after_refusal(const Model& wanted, SteadyTime now, Plan& plan);
  void evict(const std::vector<const Model*>& models, Plan& plan);
  void wait_for(const std::vector<const Model*>& models, SteadyTime now, Plan& plan);

  const Residency& residency_;
  const ModelHistory& history_;
  const EvictionChoice& choice_;
  Bounds bounds_;
  std::set<const Model*> spoken_for_;
  std::set<std::string> groups_;
  std::uint64_t reserved_ = 0;  // free memory that earlier models of the pass wait to complete
};

}  // namespace npu::broker
