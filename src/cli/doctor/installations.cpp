// Other installations of the same programs, which get in the way.
#include <string>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/doctor/doctor.hpp"
#include "cli/services/service_table.hpp"

namespace npu::cli {
namespace {

bool has_program(const Machine& machine, const std::string& path) {
  return ::access(machine.at(path).c_str(), X_OK) == 0;
}

// Built from source and installed beside the packages: found first in PATH.
Findings of_usr_local(const Machine& machine) {
  std::vector<std::string> names{"hailoctl"};
  for (const auto& service : known_services()) names.emplace_back(service.name);
  std::vector<std::string> twice;
  for (const auto& name : names) {
    const bool both =
        has_program(machine, "/usr/bin/" + name) && has_program(machine, "/usr/local/bin/" + name);
    if (both) twice.push_back("/usr/local/bin/" + name);
  }
  if (twice.empty()) return {};
  return {
      {"installation", Level::kWarning,
       fmt::format("installed a second time, beside the packages: {}", fmt::join(twice, ", ")),
       fmt::format("A shell takes these, the services take those of the packages. If they are an "
                   "older build:  sudo rm {}",
                   fmt::join(twice, " "))}};
}

// The Python project's programs; whether its units are in the way, check_services says.
Findings of_python_project(const Machine& machine) {
  std::vector<std::string> found;
  for (const auto& name : machine.names("/opt")) {
    if (!name.starts_with("hailo-")) continue;
    for (const auto& file : machine.names("/opt/" + name)) {
      const bool server = file.starts_with("hailo_") && file.ends_with(".py");
      if (server) found.push_back("/opt/" + name + "/" + file);
    }
  }
  if (found.empty()) return {};
  return {
      {"installation.python", Level::kWarning,
       fmt::format("services of the Python project are installed: {}", fmt::join(found, ", ")),
       "Their units have the same names and ports. Take over what they have:  hailoctl migrate"}};
}

}  // namespace

Findings check_installations(const Machine& machine) {
  Findings findings = of_usr_local(machine);
  for (auto& one : of_python_project(machine)) findings.push_back(std::move(one));
  return findings;
}

}  // namespace npu::cli
