#include "cli/status_text.hpp"

#include <algorithm>

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

std::size_t left_out(const json::object& status) {
  return static_cast<std::size_t>(
      std::clamp(number_at(status, "loaded_models_left_out"), 0.0, 1e6));
}

}  // namespace

std::string describe_status(const json::object& status, const json::object* device) {
  std::vector<std::vector<std::string>> rows;
  const auto* about = device != nullptr ? npu::json::Fields(*device).object("device") : nullptr;
  if (about != nullptr) {
    const auto& fields = *about;
    rows.push_back(
        {"device", fmt::format("{} ({}, firmware {})", text_at(fields, "device_id"),
                               text_at(fields, "architecture"), text_at(fields, "fw_version"))});
    if (const auto t = text_at(fields, "temperature_celsius"); t != "-")
      rows.push_back({"temperature", t + " C"});
  } else {
    rows.push_back({"device", text_at(status, "device_id")});
  }
  const auto* models = status.if_contains("loaded_models");
  const std::size_t loaded =
      models != nullptr && models->is_array() ? models->get_array().size() : 0;
  rows.push_back({"up", duration(number_at(status, "uptime_seconds"))});
  rows.push_back({"queue", text_at(status, "queue_depth")});
  rows.push_back({"models", std::to_string(loaded + left_out(status))});
  rows.push_back({"evictions", text_at(status, "total_lru_evictions")});
  for (const auto* trouble : {"runtime_broken_reason", "last_capacity_event_reason"}) {
    if (const auto text = text_at(status, trouble); text != "-") rows.push_back({trouble, text});
  }
  const auto* refused = status.if_contains("refused_models");
  if (refused != nullptr && refused->is_array()) {
    for (const auto& model : refused->get_array()) {
      if (!model.is_object()) continue;
      const auto& fields = model.get_object();
      rows.push_back(
          {"refused", fmt::format("{} {}: {}", text_at(fields, "model_type"),
                                  text_at(fields, "model_path"), text_at(fields, "reason"))});
    }
  }
  return table(rows);
}

std::string describe_models(const json::object& status, double now) {
  std::vector<std::vector<std::string>> rows{{"TYPE", "LOADED", "USED", "MODEL"}};
  const auto* models = status.if_contains("loaded_models");
  if (models == nullptr || !models->is_array() || models->get_array().empty()) {
    return "no model is loaded\n";
  }
  for (const auto& model : models->get_array()) {
    if (!model.is_object()) continue;
    const auto& fields = model.get_object();
    const auto ago = [&](const char* name) {
      return duration(now - number_at(fields, name)) + " ago";
    };
    rows.push_back({text_at(fields, "model_type"), ago("loaded_at"), ago("last_used"),
                    text_at(fields, "model_path")});
  }
  std::string text = table(rows);
  if (const auto more = left_out(status)) text += fmt::format("and {} more\n", more);
  return text;
}

}  // namespace npu::cli
