#include "cli/services/services_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/text.hpp"

namespace npu::cli {
namespace {

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

std::string boot_text(const ServiceState& state) {
  return state.unit ? or_dash(state.unit->boot) : "-";
}

std::string up_text(const ServiceState& state) {
  if (!state.unit || !state.unit->up_seconds) return "-";
  return duration(*state.unit->up_seconds);
}

std::string memory_text(const ServiceState& state) {
  if (!state.unit || !state.unit->memory_bytes) return "-";
  return fmt::format("{:.0f} MiB", static_cast<double>(*state.unit->memory_bytes) / (1 << 20));
}

std::string ready_text(const ServiceState& state) {
  if (state.ready) return "yes";
  return state.why_not.empty() ? "-" : "no";
}

}  // namespace

std::string state_text(const ServiceState& state) {
  if (!state.installed()) return "not installed";
  if (!state.unit) return "unknown";
  const UnitState& unit = *state.unit;
  if (unit.load == "masked") return "masked";
  if (unit.sub == "auto-restart") return fmt::format("starting again ({}x)", unit.restarts);
  return unit.active;
}

std::string service_advice(const ServiceState& state) {
  const auto name = state.service->name;
  if (!state.installed() || state.ready) return {};
  if (!state.config && state.config_error.code == ErrorCode::kUnsupported) {
    return state.config_error.message + "\n  hailoctl doctor";
  }
  if (!state.config) {
    return fmt::format("its configuration is wrong: {}\n  sudo hailoctl config check {}",
                       state.config_error.message, name);
  }
  if (!state.in_way.empty()) return fmt::format("{}\n  {}", state.why_not, port_advice(state));
  if (state.model_missing) return fmt::format("{}\n  {}", state.why_not, model_advice(state));
  const bool wanted = !state.unit || state.unit->wanted();
  if (state.unit && state.unit->active == "failed") {
    return fmt::format("failed ({}); its log:  journalctl -u {} -e", state.unit->result, name);
  }
  if (!wanted) return {};  // somebody has stopped it
  if (state.why_not.empty()) return {};
  return fmt::format("{}\n  its log:  journalctl -u {} -e", state.why_not, name);
}

std::string services_text(const std::vector<ServiceState>& states) {
  std::vector<std::vector<std::string>> rows{
      {"SERVICE", "STATE", "BOOT", "UP", "ADDRESS", "READY", "MEMORY", "MODEL"}};
  std::string remarks;
  for (const auto& state : states) {
    rows.push_back({std::string(state.service->name), state_text(state), boot_text(state),
                    up_text(state), or_dash(state.address()), ready_text(state), memory_text(state),
                    or_dash(state.model)});
    const std::string advice = service_advice(state);
    if (advice.empty()) continue;
    remarks += fmt::format("\n{}:", state.service->name);
    for (std::size_t begin = 0; begin <= advice.size();) {
      const auto end = std::min(advice.find('\n', begin), advice.size());
      const std::string line = for_terminal(advice.substr(begin, end - begin));
      remarks += begin == 0 ? " " + line : "\n" + line;
      begin = end + 1;
    }
    remarks += "\n";
  }
  const bool systemd = std::ranges::any_of(states, [](const auto& one) { return bool(one.unit); });
  if (!systemd) remarks += "\nsystemd does not run here: state and boot are not known.\n";
  return table(std::move(rows)) + remarks;
}

boost::json::object services_json(const ServiceState& state) {
  boost::json::object out{{"service", state.service->name},
                          {"purpose", state.service->purpose},
                          {"installed", state.installed()},
                          {"active", nullptr},
                          {"sub", nullptr},
                          {"boot", nullptr},
                          {"up_seconds", nullptr},
                          {"restarts", nullptr},
                          {"memory_bytes", nullptr},
                          {"host", nullptr},
                          {"port", nullptr},
                          {"default_port", state.service->port},
                          {"ready", state.ready},
                          {"why_not", state.why_not},
                          {"model", state.model},
                          {"advice", service_advice(state)}};
  if (state.unit) {
    out["active"] = state.unit->active;
    out["sub"] = state.unit->sub;
    out["boot"] = state.unit->boot;
    out["restarts"] = state.unit->restarts;
    if (state.unit->up_seconds) out["up_seconds"] = *state.unit->up_seconds;
    if (state.unit->memory_bytes) out["memory_bytes"] = *state.unit->memory_bytes;
  }
  if (state.port != 0) {
    out["host"] = state.host;
    out["port"] = state.port;
  }
  if (!state.in_way.empty()) {
    const PortHolder& holder = state.in_way.front();
    out["port_held_by"] = boost::json::object{
        {"pid", holder.pid}, {"program", holder.program}, {"unit", holder.unit}};
  }
  return out;
}

}  // namespace npu::cli
