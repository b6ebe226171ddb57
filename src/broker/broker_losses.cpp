// Broker: what the loss of a worker means for what ran there, and who is blamed for it.
#include <utility>

#include "broker/broker.hpp"

namespace npu::broker {
namespace {

constexpr int kLossesAllowed = 1;  // a request or load that was running at two losses is to blame

}  // namespace

void Broker::lose(LostJob& lost) {
  lost.job.end_use();
  switch (lost.job.kind()) {
    case Job::Kind::kInfer: lose_infer(lost); break;
    case Job::Kind::kLoad: lose_load(lost); break;
    case Job::Kind::kUnload: break;  // done, in a way
    case Job::Kind::kRelease: after_release(lanes_.release_ended(lost.job.id(), true)); break;
    case Job::Kind::kTelemetry: break;
  }
}

void Broker::lose_infer(const LostJob& lost) {
  const Job& job = lost.job;
  queue_.ended_on_lane(job.lane(), job.pick(), lost.ran - job.charged());
  const Entry* entry = job.request() ? queue_.find(*job.request()) : nullptr;
  if (entry && lost.blamed) queue_.lost_worker(*entry);
  const bool guilty = lost.is_final || (entry && entry->losses > kLossesAllowed);
  const bool repeats = entry && !guilty && !entry->produced;
  if (guilty || (lost.suspected && !repeats)) strike(job.model()->spec(), lost.incident, guilty);
  if (!entry) return;
  if (!repeats) return finish(*entry, {.status = fail(lost.why), .running = lost.ran});
  ++retries_;
  if (lost.suspected) queue_.suspect(*entry, lost.incident);
  queue_.come_back(*entry);
  enqueue(*entry);
}

void Broker::lose_load(const LostJob& lost) {
  const Model& model = *lost.job.model();
  residency_.lost_while_loading(model, lost.blamed);
  const bool guilty = lost.is_final || model.lost_loads() > kLossesAllowed;
  const bool repeats = !guilty && (model.waiting() > 0 || model.restoring());
  if (repeats) {
    if (lost.suspected) residency_.suspect(model, lost.incident);
    return;
  }
  if (guilty || lost.suspected) strike(model.spec(), lost.incident, guilty);
  fail_waiting(model, lost.why);
}

// certain: else something else may have ended the worker, and what ran is not repeated to find out.
void Broker::strike(const ModelSpec& model, const Incident& by, bool certain) {
  if (certain) {
    quarantine_.struck(model, by, clock_.now());
  } else {
    quarantine_.suspected(model, by, clock_.now());
  }
}

// A repeat tells whether the model was to blame. Where its request leaves before, or the last one
// of those that wait for a load, the loss is all that there is to go by.
void Broker::suspect_unrepeated(const Entry& entry) {
  if (!entry.hold.waits()) return;
  if (entry.suspicion) strike(entry.request.model, *entry.suspicion, false);
  const Model& model = *entry.hold.model();
  if (!model.suspicion() || model.restoring() || model.waiting() > 1) return;
  strike(model.spec(), *residency_.take_suspicion(model), false);
}

// Of what a lane has lost that cannot be started, pinned models alone come back with it.
void Broker::forget_lost(Lane lane) {
  const LaneHealth& health = lanes_.health(lane);
  if (!health.given_up() || health.waits_for_device()) return;
  residency_.forget_unpinned_returns(lane);
}

}  // namespace npu::broker
