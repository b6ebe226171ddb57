#include "broker/quarantine.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace npu::broker {
namespace {

std::string rounded(Duration duration) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  return seconds < 120 ? fmt::format("{} s", seconds) : fmt::format("{} min", (seconds + 59) / 60);
}

}  // namespace

// Asked for each request: no text is made of a number.
Quarantine::Identity Quarantine::identity(const ModelSpec& model) {
  return {model.content, model.content != 0 ? std::string() : model.key};
}

void Quarantine::ran(const ModelSpec& model, SteadyTime now) { record(model, now).ran_at = now; }

void Quarantine::struck(const ModelSpec& model, const Incident& by, SteadyTime now) {
  Record& known = record(model, now);
  known.type = model.type;
  known.path = model.path;
  known.why = by.why;
  const bool forgiven = known.has_run_well();
  const bool long_ago = known.strikes > 0 && now - known.proven_from >= kLongest;
  if (forgiven || long_ago) known.strikes = known.refusals = 0;
  ++known.strikes;
  if (!forgiven && first_ > Duration::zero()) {
    const int doublings = std::min(known.refusals++, 16);
    const Duration once = std::clamp(by.held, first_, std::max(first_, kLongest));
    known.refused_until = now + std::min(kLongest, once * (1 << doublings));
  }
  known.proven_from = std::max(now, known.refused_until) + std::max(kProbation, 10 * by.held);
}

void Quarantine::suspected(const ModelSpec& model, const Incident& by, SteadyTime now) {
  const auto before = std::exchange(record(model, now).suspected_at, now);
  if (before && now - *before < kProbation) struck(model, by, now);
}

std::optional<Error> Quarantine::refusal(const ModelSpec& model, SteadyTime now) const {
  const auto known = records_.find(identity(model));
  if (known == records_.end() || known->second.refused_until <= now) return std::nullopt;
  return Error{.code = ErrorCode::kUnavailable,
               .message = "The model is refused: " + reason(known->second, now),
               .retry_after = std::chrono::ceil<Millis>(known->second.refused_until - now),
               .is_whole = true};
}

std::vector<RefusedModel> Quarantine::refused(SteadyTime now, std::size_t most) const {
  std::vector<const Record*> found;
  for (const auto& [which, known] : records_) {
    if (known.refused_until > now) found.push_back(&known);
  }
  std::ranges::sort(found, std::greater<>{}, &Record::refused_until);
  found.resize(std::min(found.size(), most));
  std::vector<RefusedModel> result;
  result.reserve(found.size());
  for (const Record* known : found) {
    result.push_back({known->type, known->path, reason(*known, now), known->refused_until - now});
  }
  return result;
}

std::string Quarantine::reason(const Record& record, SteadyTime now) {
  return fmt::format(
      "it has ended its worker or held it for too long {}, last by: {}; refused for {} "
      "more",
      record.strikes == 1 ? "once" : fmt::format("{} times", record.strikes), record.why,
      rounded(record.refused_until - now));
}

Quarantine::Record& Quarantine::record(const ModelSpec& model, SteadyTime now) {
  const auto [entry, is_new] = records_.try_emplace(identity(model));
  entry->second.heard = now;
  if (is_new && records_.size() > kCapacity) {
    const auto rank = [&](const auto& item) {
      return std::tuple(item.second.refused_until > now, item.second.strikes > 0,
                        item.second.heard);
    };
    auto last = records_.end();
    for (auto at = records_.begin(); at != records_.end(); ++at) {
      if (at != entry && (last == records_.end() || rank(*at) < rank(*last))) last = at;
    }
    records_.erase(last);
  }
  return entry->second;
}

}  // namespace npu::broker
