#include "broker/model_history.hpp"

#include <algorithm>

namespace npu::broker {
namespace {

constexpr int kWeight = 5;  // a new value counts one fifth

Duration averaged(Duration old, Duration value) { return old + (value - old) / kWeight; }

Duration raised(Duration old, Duration value) { return old + (value - old) / 4; }

Duration first_guess(Lane lane) {
  switch (lane) {
    case Lane::kVision: return std::chrono::milliseconds(20);
    case Lane::kSpeech: return std::chrono::seconds(1);
    case Lane::kGeneration: break;
  }
  return std::chrono::seconds(4);
}

}  // namespace

void ModelHistory::ran(const ModelSpec& model, Duration time) {
  Facts& known = facts(model.key);
  known.run = known.run ? averaged(*known.run, time) : time;
  known.fastest = time < known.fastest ? time : raised(known.fastest, time);
  known.runs = std::min(known.runs + 1, kEnoughRuns);
  const auto [lane, is_new] = lane_run_.try_emplace(model.lane, time);
  if (!is_new) lane->second = averaged(lane->second, time);
}

Duration ModelHistory::expected_run(const ModelSpec& model) const {
  const Facts* known = find(model.key);
  if (known && known->run) return *known->run;
  const auto lane = lane_run_.find(model.lane);
  return lane != lane_run_.end() ? lane->second : first_guess(model.lane);
}

void ModelHistory::ran_at_least(const ModelSpec& model, Duration time) {
  Facts& known = facts(model.key);
  if (known.runs == kEnoughRuns && time > known.fastest)
    known.fastest = raised(known.fastest, time);
}

Duration ModelHistory::fastest_run(const ModelSpec& model) const {
  const Facts* known = find(model.key);
  return known && known->runs == kEnoughRuns ? known->fastest : Duration{};
}

void ModelHistory::not_tried(const ModelSpec& model) {
  Facts& known = facts(model.key);
  if (known.runs == kEnoughRuns) known.fastest -= known.fastest / 50;
}

void ModelHistory::measured(const ModelSpec& model, std::uint64_t bytes) {
  facts(model.key).bytes = bytes;
}

std::uint64_t ModelHistory::memory_needed(const ModelSpec& model) const {
  const Facts* known = find(model.key);
  return known && known->bytes != 0 ? known->bytes : model.memory_bound;
}

void ModelHistory::refused(const ModelSpec& model, SteadyTime now) {
  std::optional<Refusal>& last = facts(model.key).refused;
  Duration lasts = kRefusalLasts;
  if (last && last->bound == model.memory_bound) {
    lasts = last->holds(model, now) ? last->lasts : std::min(2 * last->lasts, kLongestRefusal);
  }
  last = {now, lasts, model.memory_bound};
}

void ModelHistory::loaded(const ModelSpec& model) {
  const auto known = facts_.find(model.key);
  if (known != facts_.end()) known->second.refused.reset();
}

bool ModelHistory::refused_lately(const ModelSpec& model, SteadyTime now) const {
  const Facts* known = find(model.key);
  return known && known->refused && known->refused->holds(model, now);
}

ModelHistory::Facts& ModelHistory::facts(const std::string& key) {
  const auto [entry, is_new] = facts_.try_emplace(key);
  if (is_new) {
    oldest_first_.push_back(key);
    if (oldest_first_.size() > kCapacity) {
      facts_.erase(oldest_first_.front());
      oldest_first_.pop_front();
    }
  }
  return entry->second;
}

const ModelHistory::Facts* ModelHistory::find(const std::string& key) const {
  const auto found = facts_.find(key);
  return found == facts_.end() ? nullptr : &found->second;
}

}  // namespace npu::broker
