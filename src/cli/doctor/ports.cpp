// Whether the services serve, and who holds their ports.
#include <fmt/format.h>

#include "cli/doctor/doctor.hpp"
#include "cli/services/services_text.hpp"

namespace npu::cli {
namespace {

Finding of_service(const ServiceState& state) {
  const auto name = state.service->name;
  if (!state.in_way.empty()) {
    return {"service.port", Level::kError,
            fmt::format("{} cannot have its port {}: it is held by {}", name, state.port,
                        state.in_way.front().text()),
            port_advice(state)};
  }
  if (!state.config) {
    return {"service.config", Level::kError,
            fmt::format("the configuration of {} is wrong: {}", name, state.config_error.message),
            fmt::format("sudo hailoctl config check {}", name)};
  }
  if (state.model_missing) {
    return {"service.model", Level::kWarning,
            fmt::format("{} has no model: {}", name, state.why_not), model_advice(state)};
  }
  if (!state.why_not.empty()) {
    return {"service.ready", Level::kWarning,
            fmt::format("{} is not ready: {}", name, state.why_not),
            fmt::format("Its log:  journalctl -u {} -e", name)};
  }
  return {"service.ready", Level::kGood, fmt::format("{} is ready at {}", name, state.address())};
}

}  // namespace

Findings check_ports(const Machine& machine) {
  Findings findings;
  for (const auto& state : machine.services) {
    if (!state.installed()) continue;
    // Of one that does not run, the unit has been told.
    bool told = state.config && !state.ready && state.why_not.empty();
    // So has one that starts another program.
    told = told || (!state.config && state.config_error.code == ErrorCode::kUnsupported);
    if (!told) findings.push_back(of_service(state));
  }
  return findings;
}

}  // namespace npu::cli
