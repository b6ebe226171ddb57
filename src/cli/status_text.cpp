#include "cli/status_text.hpp"

#include <fmt/format.h>

#include "cli/text.hpp"
#include "json/fields.hpp"

namespace npu::cli {
namespace json = boost::json;

std::string text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return "-";
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_int64()) return std::to_string(value->get_int64());
  if (value->is_uint64()) return std::to_string(value->get_uint64());
  if (value->is_double()) return fmt::format("{:.6g}", value->get_double());
  return "-";
}

std::string text_of(const json::object& object, std::string_view name) {
  return std::string(npu::json::Fields(object).text(name).value_or(""));
}

double number_at(const json::object& object, std::string_view name) {
  return npu::json::Fields(object).number(name).value_or(0);
}

namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string number_or_dash(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "-";
}

std::string ago(double now, const std::optional<double>& when) {
  return when ? duration(now - *when) + " ago" : "-";
}

}  // namespace

std::string describe_status(const ManagerStatus& status, const DeviceStatus* device) {
  std::vector<std::vector<std::string>> rows;
  if (device != nullptr) {
    rows.push_back(
        {"device", fmt::format("{} ({}, firmware {})", or_dash(device->id),
                               or_dash(device->architecture), or_dash(device->firmware))});
    if (!device->confinement.empty()) rows.push_back({"confined", device->confinement});
    if (const auto& celsius = device->temperature_celsius) {
      rows.push_back({"temperature", fmt::format("{:.6g} C", *celsius)});
    }
  } else {
    rows.push_back({"device", status.device_id.value_or("-")});
  }
  const std::size_t shown = status.models ? status.models->size() : 0;
  rows.push_back({"up", duration(status.uptime_seconds.value_or(0))});
  rows.push_back({"queue", number_or_dash(status.queue_depth)});
  rows.push_back({"models", std::to_string(shown + status.models_left_out)});
  rows.push_back({"evictions", number_or_dash(status.evictions)});
  if (status.broken_reason) rows.push_back({"runtime_broken_reason", *status.broken_reason});
  if (const auto& event = status.last_capacity_event) {
    rows.push_back({"last_capacity_event_reason", event->reason});
  }
  for (const auto& model : status.refused) {
    rows.push_back({"refused", fmt::format("{} {}: {}", or_dash(model.type), or_dash(model.path),
                                           or_dash(model.reason))});
  }
  return table(rows);
}

std::string describe_models(const ManagerStatus& status, double now) {
  if (!status.models || status.models->empty()) return "no model is loaded\n";
  std::vector<std::vector<std::string>> rows{{"TYPE", "LOADED", "USED", "MODEL"}};
  for (const auto& model : *status.models) {
    rows.push_back({or_dash(model.type), ago(now, model.loaded_at), ago(now, model.last_used),
                    or_dash(model.path)});
  }
  std::string text = table(rows);
  if (status.models_left_out > 0) text += fmt::format("and {} more\n", status.models_left_out);
  return text;
}

}  // namespace npu::cli
