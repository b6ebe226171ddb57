// The systemd units of this project.
#include <sstream>

#include <unistd.h>

#include <fmt/format.h>

#include "cli/child.hpp"
#include "cli/doctor/doctor.hpp"

namespace npu::cli {
namespace {

constexpr std::chrono::seconds kSystemctl{10};
constexpr const char* kManager = "hailo-device-manager.service";

Finding of_unit(const std::string& unit, const std::string& load, const std::string& active) {
  if (active == "failed") {
    return {"service", Level::kError, unit + " has failed",
            fmt::format("See why:  journalctl -u {} -e ; then:  sudo systemctl restart {}", unit,
                        unit)};
  }
  if (active == "active") return {"service", Level::kGood, unit + " is active"};
  if (unit == kManager && load == "loaded") {
    return {"service", Level::kWarning, unit + " is " + active,
            "Its socket may start it when it is needed. By hand:  sudo systemctl enable --now "
            "hailo-device-manager"};
  }
  return {"service", Level::kGood, unit + " is " + active};
}

}  // namespace

Findings check_services(const Machine& machine) {
  std::string systemctl;
  for (const char* place : {"/usr/bin/systemctl", "/bin/systemctl"}) {
    if (::access(machine.at(place).c_str(), X_OK) == 0) systemctl = machine.at(place);
  }
  if (systemctl.empty()) {
    return {{"service", Level::kGood, "no systemd here: services are not looked at"}};
  }
  const auto said = run_child({systemctl, "list-units", "--all", "--plain", "--no-legend",
                               "--no-pager", "hailo-*.service", "hailo-*.socket"},
                              kSystemctl);
  if (!said || !said->exited_with(0)) {
    return {{"service", Level::kGood, "systemd does not run here: services are not looked at"}};
  }
  Findings findings;
  bool manager = false;
  std::istringstream lines(said->output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string unit;
    std::string load;
    std::string active;
    if (!(words >> unit >> load >> active)) continue;
    manager = manager || unit == kManager;
    findings.push_back(of_unit(unit, load, active));
  }
  if (!manager) {
    findings.push_back({"service", Level::kWarning,
                        "hailo-device-manager is not installed as a service",
                        "Install its package, or start it by hand:  hailo-device-manager"});
  }
  return findings;
}

}  // namespace npu::cli
