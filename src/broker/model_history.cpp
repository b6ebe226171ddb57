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
  Facts& known = facts(model);
  known.run = known.run ? averaged(*known.run, time) : time;
  known.fastest = time < known.fastest ? time : raised(known.fastest, time);
  known.runs = std::min(known.runs + 1, kEnoughRuns);
  const auto [lane, is_new] = lane_run_.try_emplace(model.lane, time);
  if (!is_new) lane->second = averaged(lane->second, time);
}

Duration ModelHistory::expected_run(const ModelSpec& model) const {
  const Facts* known = find(model);
  if (known && known->run) return *known->run;
  const auto lane = lane_run_.find(model.lane);
  return lane != lane_run_.end() ? lane->second : first_guess(model.lane);
}

void ModelHistory::ran_at_least(const ModelSpec& model, Duration time) {
  Facts& known = facts(model);
  if (known.runs == kEnoughRuns && time > known.fastest)
    known.fastest = raised(known.fastest, time);
}

Duration ModelHistory::fastest_run(const ModelSpec& model) const {
  const Facts* known = find(model);
  return known && known->runs == kEnoughRuns ? known->fastest : Duration{};
}

void ModelHistory::not_tried(const ModelSpec& model) {
  Facts& known = facts(model);
  if (known.runs == kEnoughRuns) known.fastest -= known.fastest / 50;
}

void ModelHistory::measured(const ModelSpec& model, std::uint64_t bytes) {
  facts(model).bytes = bytes;
}

std::uint64_t ModelHistory::memory_needed(const ModelSpec& model) const {
  const Facts* known = find(model);
  return known && known->bytes != 0 ? known->bytes : model.memory_bound;
}

void ModelHistory::refused(const ModelSpec& model, const Refuser& by, SteadyTime now) {
  std::optional<Refusal>& last = facts(model).refused;
  if (last && last->holds(now)) return;
  const Duration lasts = last ? std::min(2 * last->lasts, kLongestRefusal) : kRefusalLasts;
  last = {by, now, lasts};
}

bool ModelHistory::refused_lately(const ModelSpec& model, SteadyTime now) const {
  const Facts* known = find(model);
  return known && known->refused && known->refused->holds(now);
}

void ModelHistory::loaded(const ModelSpec& model) {
  const auto known = facts_.find(model.key);
  if (known != facts_.end()) known->second.refused.reset();
}

template <class Which>
void ModelHistory::forget_refusals(const Which& which) {
  for (auto& [key, known] : facts_) {
    if (known.refused && which(known.refused->by)) known.refused.reset();
  }
}

void ModelHistory::gives_room(std::uint64_t load_order) {
  forget_refusals([load_order](const Refuser& by) { return load_order <= by.loads; });
}

// Another fresh group is no other than the one that has refused.
void ModelHistory::group_renewed() {
  forget_refusals([](const Refuser& by) { return !by.fresh_group; });
}

void ModelHistory::worker_replaced() {
  forget_refusals([](const Refuser&) { return true; });
}

ModelHistory::Facts& ModelHistory::facts(const ModelSpec& model) {
  const auto [entry, is_new] = facts_.try_emplace(model.key);
  Facts& known = entry->second;
  if (is_new) {
    known.place = oldest_first_.insert(oldest_first_.end(), model.key);
  } else {
    oldest_first_.splice(oldest_first_.end(), oldest_first_, known.place);
  }
  if (known.content != model.content) known = {.content = model.content, .place = known.place};
  if (facts_.size() > kCapacity) {
    facts_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  return known;
}

const ModelHistory::Facts* ModelHistory::find(const ModelSpec& model) const {
  const auto found = facts_.find(model.key);
  return found == facts_.end() || found->second.content != model.content ? nullptr : &found->second;
}

}  // namespace npu::broker
