// Manager: what clients with the feature `events` are told (docs/adr/0026).
#include <utility>

#include "base/error_table.hpp"
#include "base/lane.hpp"
#include "manager/clients/session.hpp"
#include "manager/manager.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

std::string_view kind_of(const broker::Request& request) {
  switch (request.kind) {
    case broker::RequestKind::kLoad: return "load";
    case broker::RequestKind::kInfer: return "infer";
    case broker::RequestKind::kUnload: return "unload";
  }
  return "infer";
}

json::object model_event(const broker::ModelSpec& model, bool is_loaded) {
  return {{"event", "model"},
          {"state", is_loaded ? "loaded" : "unloaded"},
          {"model_type", model.type},
          {"model_path", model.path}};
}

double milliseconds(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

void Manager::subscribe(Session& session) {
  announce_device();
  device_told_ = device_event();
  listeners_.push_back(&session);
  if (session.watches_requests()) watchers_.push_back(&session);
  session.announce_device(device_told_);
  for (const auto& status : broker_->snapshot().models) {
    session.announce_model(status.model.key, model_event(status.model, true));
  }
}

json::object Manager::device_event() const {
  const auto wrong = trouble();
  if (device_ && !wrong) {
    return {{"event", "device"}, {"state", "ready"}, {"device_id", device_->id}};
  }
  return {{"event", "device"},
          {"state", "unavailable"},
          {"reason", wrong.value_or("the device is being opened")}};
}

void Manager::announce_device() {
  if (listeners_.empty()) return;
  json::object event = device_event();
  if (event == device_told_) return;
  device_told_ = std::move(event);
  for (Session* listener : listeners_) listener->announce_device(device_told_);
}

void Manager::model_changed(const broker::ModelSpec& model, bool is_loaded) {
  for (Session* listener : listeners_) {
    listener->announce_model(model.key, model_event(model, is_loaded));
  }
}

void Manager::announce_step(std::string_view state, broker::RequestId id,
                            const broker::Request& request, const broker::Outcome* outcome) {
  json::object event{{"event", "request"},
                     {"state", state},
                     {"request", id},
                     {"at", unix_seconds(clock_.wall())},
                     {"kind", kind_of(request)},
                     {"client", request.client},
                     {"model_type", request.model.type},
                     {"model_path", request.model.path},
                     {"lane", name_of(request.model.lane)}};
  if (outcome != nullptr) {
    event["code"] = outcome->status ? "ok" : wire_name(outcome->status.error().code);
    event["queued_ms"] = milliseconds(outcome->queued);
    event["loading_ms"] = milliseconds(outcome->loading);
    event["running_ms"] = milliseconds(outcome->running);
  }
  for (Session* watcher : watchers_) watcher->announce_step(event);
}

void Manager::queued(broker::RequestId request, const broker::Request& what) {
  if (!watchers_.empty()) announce_step("queued", request, what);
}

void Manager::started(broker::RequestId request, const broker::Request& what) {
  if (!watchers_.empty()) announce_step("started", request, what);
}

void Manager::dropped(broker::RequestId request, const broker::Request& what,
                      const broker::Outcome& outcome) {
  if (!watchers_.empty()) announce_step("ended", request, what, &outcome);
}

}  // namespace npu::manager
