// What was measured about models, kept beyond their residency.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "broker/types.hpp"

namespace npu::broker {

// Bounded: over kCapacity models the one is forgotten of which nothing was learnt for longest. What
// was learnt of other files under the same name counts for nothing.
class ModelHistory {
 public:
  static constexpr std::size_t kCapacity = 512;
  static constexpr int kEnoughRuns = 3;
  // For this long nobody is evicted for a model that the device refused with nothing left to evict;
  // for twice as long each time that it is refused again after that, up to the longest.
  static constexpr Duration kRefusalLasts = std::chrono::minutes(1);
  static constexpr Duration kLongestRefusal = std::chrono::hours(8);

  void ran(const ModelSpec& model, Duration time);
  // Exponentially weighted mean of a model's run times; before the first one the lane's.
  Duration expected_run(const ModelSpec& model) const;

  void ran_at_least(const ModelSpec& model, Duration time);  // then it was aborted

  // About the shortest run time; zero until kEnoughRuns have been seen. Whoever does not begin a
  // request because of it says so: the figure sinks a little each time, so that it cannot keep away
  // for ever what would be faster, and rises again with slower runs.
  Duration fastest_run(const ModelSpec& model) const;
  void not_tried(const ModelSpec& model);

  void measured(const ModelSpec& model, std::uint64_t bytes);
  // The measured size if there is one, else the stated bound.
  std::uint64_t memory_needed(const ModelSpec& model) const;

  // What the device was like that refused a model.
  struct Refuser {
    std::uint64_t loads = 0;   // Model::load_order of the last model that was loaded before
    bool fresh_group = false;  // its group had been renewed for this model
  };
  // Does not make a refusal longer that holds.
  void refused(const ModelSpec& model, const Refuser& by, SteadyTime now);
  bool refused_lately(const ModelSpec& model, SteadyTime now) const;
  // A refusal is forgotten, with how long it lasted, when what led to it is no more: the model was
  // loaded; one that was on the device at the time has left it or may be evicted now; the device's
  // group is another, or a worker is.
  void loaded(const ModelSpec& model);
  void gives_room(std::uint64_t load_order);
  void group_renewed();
  void worker_replaced();

 private:
  struct Refusal {
    Refuser by;
    SteadyTime at{};
    Duration lasts{};
    bool holds(SteadyTime now) const { return now - at < lasts; }
  };
  struct Facts {
    std::uint64_t content = 0;
    std::optional<Duration> run;
    Duration fastest = Duration::max();
    int runs = 0;  // up to kEnoughRuns
    std::uint64_t bytes = 0;
    std::optional<Refusal> refused;
    std::list<std::string>::iterator place;  // in oldest_first_
  };
  Facts& facts(const ModelSpec& model);
  const Facts* find(const ModelSpec& model) const;
  template <class Which>
  void forget_refusals(const Which& which);

  std::map<std::string, Facts> facts_;
  std::list<std::string> oldest_first_;
  std::map<Lane, Duration> lane_run_;
};

}  // namespace npu::broker
