#include "cli/doctor/doctor.hpp"

#include <algorithm>

namespace npu::cli {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kGood: return "ok";
    case Level::kWarning: return "warning";
    case Level::kError: return "error";
  }
  return "";
}

Findings examine(const Machine& machine) {
  Findings all;
  for (const auto check :
       {check_probe, check_chips, check_drivers, check_versions, check_nodes, check_holders,
        check_health, check_memory, check_models, check_socket, check_manager, check_services}) {
    auto findings = check(machine);
    all.insert(all.end(), findings.begin(), findings.end());
  }
  return all;
}

int exit_code_of(const Findings& findings) {
  return std::ranges::any_of(findings,
                             [](const Finding& one) { return one.level == Level::kError; })
             ? 1
             : 0;
}

}  // namespace npu::cli
