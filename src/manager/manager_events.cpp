// Manager: what clients with the feature `events` are told (docs/adr/0026).
#include "manager/manager.hpp"

namespace npu::manager {

boost::json::object Manager::device_now() const {
  return device_event(device_ ? std::optional<std::string_view>(device_->id) : std::nullopt,
                      trouble());
}

void Manager::subscribe(Session& session) {
  events_.add(session, device_now(), broker_->snapshot().models);
}

void Manager::announce_device() {
  if (!events_.empty()) events_.device(device_now());
}

void Manager::model_changed(const broker::ModelSpec& model, bool is_loaded) {
  events_.model(model, is_loaded);
}

void Manager::queued(broker::RequestId request, const broker::Request& what) {
  events_.step("queued", request, what, clock_.wall());
}

void Manager::started(broker::RequestId request, const broker::Request& what) {
  events_.step("started", request, what, clock_.wall());
}

void Manager::dropped(broker::RequestId request, const broker::Request& what,
                      const broker::Outcome& outcome) {
  events_.step("ended", request, what, clock_.wall(), &outcome);
}

}  // namespace npu::manager
