// What was measured about models, kept beyond their residency.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "broker/types.hpp"

namespace npu::broker {

// Bounded: over kCapacity models the one that came first is forgotten.
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

  void refused(const ModelSpec& model, SteadyTime now);
  void loaded(const ModelSpec& model);  // which ends its refusal
  // Not for a file of another size than the one that was refused.
  bool refused_lately(const ModelSpec& model, SteadyTime now) const;

 private:
  struct Refusal {
    SteadyTime at{};
    Duration lasts{};
    std::uint64_t bound = 0;  // of the model as it was
    bool holds(const ModelSpec& model, SteadyTime now) const {
      return bound == model.memory_bound && now - at < lasts;
    }
  };
  struct Facts {
    std::optional<Duration> run;
    Duration fastest = Duration::max();
    int runs = 0;  // up to kEnoughRuns
    std::uint64_t bytes = 0;
    std::optional<Refusal> refused;
  };
  Facts& facts(const std::string& key);
  const Facts* find(const std::string& key) const;

  std::map<std::string, Facts> facts_;
  std::deque<std::string> oldest_first_;
  std::map<Lane, Duration> lane_run_;
};

}  // namespace npu::broker
