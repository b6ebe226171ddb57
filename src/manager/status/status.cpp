#include "manager/status/status.hpp"

#include <cmath>
#include <vector>

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMembers = 16;                          // that a status may have
constexpr std::size_t kMaxNameBytes = std::size_t{64} << 10;  // bytes of all texts of models

std::string base_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

json::object model_row(const broker::ModelStatus& status) {
  return {{"model_type", status.model.type},
          {"model_path", status.model.path},
          {"loaded_at", unix_seconds(status.loaded_at)},
          {"last_used", unix_seconds(status.last_used)}};
}

json::object network_row(const broker::ModelStatus& status) {
  json::object row{{"name", base_name(status.model.path)}};
  for (auto& item : model_row(status)) row[item.key()] = item.value();
  return row;
}

json::object refused_row(const broker::RefusedModel& model) {
  return {{"model_type", model.type},
          {"model_path", model.path},
          {"reason", model.reason},
          {"seconds_left", std::chrono::duration<double>(model.left).count()}};
}

std::size_t text_bytes(const json::object& row) {
  std::size_t bytes = 0;
  for (const auto& item : row) {
    if (const auto* text = item.value().if_string()) bytes += text->size();
  }
  return bytes;
}

// The first ones, as many as kMaxNameBytes allows. Clients poll this.
template <class Model>
json::array rows(const std::vector<Model>& models, json::object (*row_of)(const Model&)) {
  json::array rows;
  std::size_t bytes = 0;
  for (const Model& model : models) {
    json::object row = row_of(model);
    bytes += text_bytes(row);
    if (bytes > kMaxNameBytes) break;
    rows.push_back(std::move(row));
  }
  return rows;
}

json::value optional_text(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

// Absent where there are none, as version 1 does not know it.
void add_refused(json::object& body, const broker::Snapshot& snapshot) {
  if (snapshot.refused.empty()) return;
  json::array shown = rows(snapshot.refused, refused_row);
  const std::size_t left_out = snapshot.refused.size() - shown.size();
  body["refused_models"] = std::move(shown);
  if (left_out > 0) body["refused_models_left_out"] = left_out;
}

void add_common(json::object& body, const StatusFacts& facts, const broker::Snapshot& snapshot) {
  body["queue_depth"] = facts.queue_depth;
  body["total_lru_evictions"] = snapshot.evictions;
  body["runtime_broken_reason"] = optional_text(snapshot.broken_reason);
  const auto& event = snapshot.last_capacity_event;
  body["last_capacity_event_reason"] = event ? json::value(event->reason) : json::value(nullptr);
  body["last_capacity_event_model"] = event ? json::value(event->model) : json::value(nullptr);
  body["last_capacity_event_at"] =
      event ? json::value(unix_seconds(event->at)) : json::value(nullptr);
  add_refused(body, snapshot);
}

json::object device_facts(const StatusFacts& facts) {
  const device::DeviceInfo& info = *facts.device;
  json::object device{
      {"device_id", info.id}, {"architecture", info.architecture}, {"fw_version", info.firmware}};
  if (!info.confinement.empty()) device["confinement"] = info.confinement;
  const auto temperature = facts.telemetry ? facts.telemetry->temperature_celsius : std::nullopt;
  if (temperature) {
    device["temperature_celsius"] = std::round(*temperature * 10) / 10;
  } else {
    device["temperature_celsius"] = nullptr;
    device["temperature_error"] = "the device gives no temperature";
  }
  return device;
}

}  // namespace

json::object status_payload(const StatusFacts& facts, const broker::Snapshot& snapshot) {
  json::array models = rows(snapshot.models, model_row);
  const std::size_t left_out = snapshot.models.size() - models.size();
  json::object body;
  body.reserve(kMembers);
  body["status"] = "ok";
  body["device_id"] = facts.device ? json::value(facts.device->id) : json::value(nullptr);
  body["loaded_models"] = std::move(models);
  body["uptime_seconds"] = std::chrono::duration<double>(facts.uptime).count();
  body["socket_path"] = facts.socket_path;
  if (left_out > 0) body["loaded_models_left_out"] = left_out;
  add_common(body, facts, snapshot);
  return body;
}

json::object device_status_payload(const StatusFacts& facts, const broker::Snapshot& snapshot) {
  if (!facts.device) {
    return {{"status", "error"},
            {"message", "Device not initialized"},
            {"runtime_broken_reason", optional_text(snapshot.broken_reason)}};
  }
  json::object body{{"status", "ok"},
                    {"device", device_facts(facts)},
                    {"networks",
                     {{"status", "ok"},
                      {"source", "device_manager"},
                      {"network_count", snapshot.models.size()},
                      {"networks", rows(snapshot.models, network_row)}}},
                    {"uptime_seconds", std::chrono::duration<double>(facts.uptime).count()}};
  add_common(body, facts, snapshot);
  return body;
}

}  // namespace npu::manager
