// The systemd units of this project.
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "cli/child.hpp"
#include "cli/doctor/doctor.hpp"

namespace npu::cli {
namespace {

constexpr std::chrono::seconds kSystemctl{10};
constexpr const char* kManager = "hailo-device-manager.service";

struct Unit {
  std::string name;
  std::string active;
  std::string file;  // "enabled", "disabled", ...
};

Finding of_unit(const Unit& unit) {
  const std::string& name = unit.name;
  if (unit.active == "failed") {
    return {"service", Level::kError, name + " has failed",
            fmt::format("See why:  journalctl -u {} -e ; then:  sudo systemctl restart {}", name,
                        name)};
  }
  if (unit.active == "active") return {"service", Level::kGood, name + " is active"};
  const std::string what = fmt::format("{} is {} ({})", name, unit.active, unit.file);
  if (name == kManager) {
    return {"service", Level::kWarning, what,
            "Start it:  sudo systemctl enable --now hailo-device-manager"};
  }
  return {"service", Level::kGood, what};
}

// Lines of words; none where systemd does not answer.
std::optional<std::vector<std::vector<std::string>>> ask(std::vector<std::string> words) {
  const auto said = run_child(words, kSystemctl);
  if (!said || !said->exited_with(0)) return std::nullopt;
  std::vector<std::vector<std::string>> out;
  std::istringstream lines(said->output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    out.emplace_back();
    for (std::string word; in >> word;) out.back().push_back(word);
  }
  return out;
}

// Those that are installed, loaded or not.
std::optional<std::vector<Unit>> units(const std::string& systemctl) {
  const auto files = ask({systemctl, "list-unit-files", "--plain", "--no-legend", "--no-pager",
                          "hailo-*.service", "hailo-*.socket"});
  if (!files) return std::nullopt;
  std::vector<Unit> out;
  for (const auto& words : *files) {
    if (words.size() < 2) continue;
    const auto state = ask({systemctl, "show", "--property=ActiveState", "--value", words[0]});
    const bool known = state && !state->empty() && !state->front().empty();
    out.push_back({words[0], known ? state->front().front() : "unknown", words[1]});
  }
  return out;
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
  const auto installed = units(systemctl);
  if (!installed) {
    return {{"service", Level::kGood, "systemd does not run here: services are not looked at"}};
  }
  Findings findings;
  bool manager = false;
  for (const auto& unit : *installed) {
    manager = manager || unit.name == kManager;
    findings.push_back(of_unit(unit));
  }
  if (!manager) {
    findings.push_back({"service", Level::kWarning,
                        "hailo-device-manager is not installed as a service",
                        "Start it by hand:  hailo-device-manager"});
  }
  return findings;
}

}  // namespace npu::cli
