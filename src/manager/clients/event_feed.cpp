#include "manager/clients/event_feed.hpp"

#include <utility>

#include "base/error_table.hpp"
#include "base/lane.hpp"
#include "manager/clients/session.hpp"

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

json::object device_event(std::optional<std::string_view> id,
                          const std::optional<std::string>& wrong) {
  if (id && !wrong) return {{"event", "device"}, {"state", "ready"}, {"device_id", *id}};
  return {{"event", "device"},
          {"state", "unavailable"},
          {"reason", wrong.value_or("the device is being opened")}};
}

void EventFeed::add(Session& session, json::object device,
                    const std::vector<broker::ModelStatus>& models) {
  this->device(std::move(device));
  listeners_.push_back(&session);
  if (session.watches_requests()) watchers_.push_back(&session);
  session.announce_device(device_told_);
  for (const auto& status : models) {
    session.announce_model(status.model.key, model_event(status.model, true));
  }
}

void EventFeed::remove(const Session& session) {
  std::erase(listeners_, &session);
  std::erase(watchers_, &session);
}

void EventFeed::device(json::object event) {
  if (event == device_told_) return;
  device_told_ = std::move(event);
  for (Session* listener : listeners_) listener->announce_device(device_told_);
}

void EventFeed::model(const broker::ModelSpec& model, bool is_loaded) {
  for (Session* listener : listeners_) {
    listener->announce_model(model.key, model_event(model, is_loaded));
  }
}

void EventFeed::step(std::string_view state, broker::RequestId id, const broker::Request& request,
                     WallTime at, const broker::Outcome* outcome) {
  if (watchers_.empty()) return;
  json::object event{{"event", "request"},
                     {"state", state},
                     {"request", id},
                     {"at", unix_seconds(at)},
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

}  // namespace npu::manager
