#include "broker/broker.hpp"

#include <utility>

#include "broker/broker_impl.hpp"

namespace npu::broker {

Broker::Broker(Options options, const Clock& clock, LanePort& lanes, ReplySink& replies)
    : impl_(std::make_unique<Impl>(options, clock, lanes, replies)) {}
Broker::~Broker() = default;

Result<RequestId> Broker::submit(Request request) { return impl_->submit(std::move(request)); }
bool Broker::cancel(RequestId request) { return impl_->cancel(request); }
void Broker::connection_gone(ConnectionId connection) { impl_->connection_gone(connection); }

void Broker::on_loaded(JobId job, Result<LoadedInfo> result) {
  impl_->on_loaded(job, std::move(result));
}
void Broker::on_progress(JobId job) { impl_->on_progress(job); }
void Broker::on_event(JobId job) { impl_->on_event(job); }
void Broker::on_inferred(JobId job, Result<std::shared_ptr<void>> result) {
  impl_->on_inferred(job, std::move(result));
}
void Broker::on_unloaded(JobId job, Status result) { impl_->on_unloaded(job, std::move(result)); }
void Broker::on_telemetry(JobId job) { impl_->on_telemetry(job); }
void Broker::on_lane_up(Lane lane, std::size_t runs_at_once) {
  impl_->on_lane_up(lane, runs_at_once);
}
void Broker::on_lane_lost(Lane lane, const Error& why) { impl_->on_lane_lost(lane, why); }
void Broker::on_lane_stuck(Lane lane, const std::string& reason) {
  impl_->on_lane_stuck(lane, reason);
}

std::optional<RequestId> Broker::request_of(JobId job) const { return impl_->request_of(job); }
void Broker::set_memory(std::uint64_t bytes, bool group_release) {
  impl_->set_memory(bytes, group_release);
}
void Broker::ask_telemetry() { impl_->ask_telemetry(); }
std::optional<SteadyTime> Broker::next_timer() const { return impl_->next_timer(); }
void Broker::on_timer() { impl_->on_timer(); }
Snapshot Broker::snapshot() const { return impl_->snapshot(); }
void Broker::drain() { impl_->drain(); }
bool Broker::idle() const { return impl_->idle(); }

}  // namespace npu::broker
