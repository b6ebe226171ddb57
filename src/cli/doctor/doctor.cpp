#include "cli/doctor/doctor.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace npu::cli {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kGood: return "ok";
    case Level::kWarning: return "warning";
    case Level::kError: return "error";
  }
  return "";
}

Findings examine(Machine& machine, const Asking& asking, const OnFinding& on_finding) {
  Findings all;
  const auto check = [&](std::initializer_list<Findings (*)(const Machine&)> checks) {
    for (const auto one : checks) {
      for (auto& finding : one(machine)) {
        on_finding(finding);
        all.push_back(std::move(finding));
      }
    }
  };
  asking.hardware(machine);
  check({check_probe, check_chips, check_drivers, check_nodes, check_holders, check_memory});
  asking.device(machine);
  check({check_versions, check_health, check_packages, check_installations, check_space,
         check_config, check_models, check_socket, check_manager, check_services});
  if (asking.services) asking.services(machine);
  check({check_ports});
  return all;
}

int exit_code_of(const Findings& findings) {
  return std::ranges::any_of(findings,
                             [](const Finding& one) { return one.level == Level::kError; })
             ? 1
             : 0;
}

}  // namespace npu::cli
