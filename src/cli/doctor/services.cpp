// The systemd units of this project, and the group that all of them have.
#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/child.hpp"
#include "cli/doctor/doctor.hpp"
#include "cli/services/systemd.hpp"

namespace npu::cli {
namespace {

constexpr std::chrono::seconds kSystemctl{10};
constexpr const char* kManager = "hailo-device-manager.service";
constexpr const char* kGroup = "hailo";

bool is_of_administrator(std::string_view path) {
  return path.starts_with("/etc/systemd/") || path.starts_with("/run/systemd/system/");
}

// hailoctl's own is no news.
std::vector<std::string> own_drop_ins(const UnitState& unit) {
  std::vector<std::string> found;
  for (const auto& path : unit.drop_ins) {
    if (is_of_administrator(path) && !path.ends_with("/50-hailoctl-expose.conf")) {
      found.push_back(path);
    }
  }
  return found;
}

Finding of_failed(const UnitState& unit) {
  return {"service", Level::kError,
          fmt::format("{} has failed{}", unit.name,
                      unit.result.empty() ? "" : " (" + unit.result + ")"),
          fmt::format("See why:  journalctl -u {} -e ; then:  sudo systemctl restart {}", unit.name,
                      unit.name)};
}

Finding of_masked(const UnitState& unit) {
  return {"service", Level::kWarning, unit.name + " is masked: it cannot be started",
          fmt::format("If that is not meant:  sudo systemctl unmask {}", unit.name)};
}

Finding of_state(const UnitState& unit) {
  if (unit.load == "masked") return of_masked(unit);
  if (unit.active == "failed") return of_failed(unit);
  if (unit.load == "bad-setting" || unit.load == "error") {
    return {"service", Level::kError, fmt::format("systemd cannot read {}", unit.name),
            fmt::format("See why:  systemctl status {}", unit.name)};
  }
  if (unit.sub == "auto-restart") {
    return {"service", Level::kError,
            fmt::format("{} ends and is started again, {} times until now ({})", unit.name,
                        unit.restarts, unit.result),
            fmt::format("See why:  journalctl -u {} -e", unit.name)};
  }
  const std::string what = fmt::format("{} is {} ({})", unit.name, unit.active, unit.boot);
  if (unit.wanted()) {
    if (unit.boot != "disabled") return {"service", Level::kGood, unit.name + " is active"};
    return {"service", Level::kWarning, unit.name + " is active and will not start at boot",
            fmt::format("If it is to:  sudo systemctl enable {}", unit.name)};
  }
  if (unit.name == kManager) {
    return {"service", Level::kWarning, what,
            "Start it:  sudo systemctl enable --now hailo-device-manager"};
  }
  return {"service", Level::kGood, what};
}

// An older unit of that name, as the Python project installs it, wins over the package's.
std::optional<Finding> of_place(const UnitState& unit) {
  if (!is_of_administrator(unit.file) || unit.load == "masked") return std::nullopt;
  const std::string program = unit.command.empty() ? "nothing" : unit.command.front();
  return Finding{
      "service.unit", Level::kWarning,
      fmt::format("{} takes the place of the package's unit; it starts {}", unit.file, program),
      fmt::format("If it is of an older installation:  sudo systemctl disable --now {0} ; "
                  "sudo mv {1} {1}.old ; sudo systemctl daemon-reload ; sudo systemctl "
                  "enable --now {0}",
                  unit.name, unit.file)};
}

std::optional<Finding> of_drop_ins(const UnitState& unit) {
  const auto own = own_drop_ins(unit);
  if (own.empty()) return std::nullopt;
  return Finding{"service.override", Level::kGood,
                 fmt::format("{} is changed by {}", unit.name, fmt::join(own, ", "))};
}

// Names of those that are installed, loaded or not.
std::optional<std::vector<std::string>> unit_names(const std::string& systemctl) {
  const auto said = run_child({systemctl, "list-unit-files", "--plain", "--no-legend", "--no-pager",
                               "hailo-*.service", "hailo-*.socket"},
                              kSystemctl);
  if (!said || !said->exited_with(0)) return std::nullopt;
  std::vector<std::string> names;
  std::istringstream lines(said->output);
  for (std::string line; std::getline(lines, line);) {
    std::string name;
    if (std::istringstream(line) >> name) names.push_back(std::move(name));
  }
  return names;
}

bool has_group(const Machine& machine, std::string_view group) {
  std::istringstream groups(machine.text("/etc/group").value_or(""));
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with(std::string(group) + ":")) return true;
  }
  return false;
}

}  // namespace

Findings check_services(const Machine& machine) {
  const std::string systemctl = machine.at("/usr/bin/systemctl");
  if (::access(systemctl.c_str(), X_OK) != 0) {
    return {{"service", Level::kGood, "no systemd here: services are not looked at"}};
  }
  const auto names = unit_names(systemctl);
  const auto units = names ? Systemd(machine.root).show(*names)
                           : fail(ErrorCode::kUnavailable, "systemd does not run here");
  if (!units) {
    return {{"service", Level::kGood, "systemd does not run here: services are not looked at"}};
  }
  Findings findings;
  for (const auto& unit : *units) {
    findings.push_back(of_state(unit));
    if (auto place = of_place(unit)) findings.push_back(std::move(*place));
    if (auto changed = of_drop_ins(unit)) findings.push_back(std::move(*changed));
  }
  if (std::ranges::find(*units, kManager, &UnitState::name) == units->end()) {
    findings.push_back({"service", Level::kWarning,
                        "hailo-device-manager is not installed as a service",
                        "Start it by hand:  hailo-device-manager"});
  } else if (!has_group(machine, kGroup)) {
    findings.push_back({"service.group", Level::kError,
                        fmt::format("there is no group {}, which the manager's socket and the "
                                    "services have",
                                    kGroup),
                        "Make it, with all users:  sudo systemd-sysusers ; then:  sudo systemctl "
                        "restart 'hailo-*'"});
  }
  return findings;
}

}  // namespace npu::cli
