// The Debian packages of this project: all there, and of one version.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/child.hpp"
#include "cli/doctor/doctor.hpp"
#include "cli/services/service_table.hpp"

namespace npu::cli {
namespace {

constexpr std::chrono::seconds kDpkg{10};

struct Package {
  std::string name;
  std::string version;
  std::string status;  // of dpkg: "installed", "half-configured", "config-files", ...
};

std::vector<std::string> package_names() {
  std::vector<std::string> names{"hailo-device-manager-hailort", "hailo-ai-services",
                                 "hailo-models-cpu", "libnpu-client-dev",
                                 "python3-hailo-device-client"};
  for (const auto& service : known_services()) names.emplace_back(service.name);
  return names;
}

// None where there is no dpkg. It exits with 1 where one of the names is unknown to it.
std::vector<Package> packages(const Machine& machine) {
  std::vector<std::string> words{machine.at("/usr/bin/dpkg-query"), "-W", "-f",
                                 "${Package} ${db:Status-Status} ${Version}\\n"};
  if (::access(words.front().c_str(), X_OK) != 0) return {};
  std::ranges::copy(package_names(), std::back_inserter(words));
  const auto said = run_child(words, kDpkg);
  if (!said || said->end != ChildResult::End::kExited) return {};
  std::vector<Package> found;
  std::istringstream lines(said->output);
  for (std::string line; std::getline(lines, line);) {
    Package one;
    std::istringstream(line) >> one.name >> one.status >> one.version;
    const bool gone = one.status.empty() || one.status == "not-installed";
    if (!gone && one.status != "config-files") found.push_back(std::move(one));
  }
  return found;
}

}  // namespace

Findings check_packages(const Machine& machine) {
  const auto all = packages(machine);
  if (all.empty()) return {};
  Findings findings;
  std::map<std::string, std::vector<std::string>> by_version;
  for (const auto& one : all) {
    if (one.status == "installed") {
      by_version[one.version].push_back(one.name);
      continue;
    }
    findings.push_back({"package", Level::kError,
                        fmt::format("package {} is not wholly installed: {}", one.name, one.status),
                        "Finish it:  sudo dpkg --configure -a ; sudo apt --fix-broken install"});
  }
  if (by_version.size() > 1) {
    std::vector<std::string> texts;
    texts.reserve(by_version.size());
    for (const auto& [version, names] : by_version) {
      texts.push_back(fmt::format("{}: {}", version, fmt::join(names, " ")));
    }
    findings.push_back({"package.versions", Level::kError,
                        fmt::format("packages are of different versions, which were never tried "
                                    "together: {}",
                                    fmt::join(texts, "; ")),
                        "Install all of one version:  sudo apt install ./hailo-*.deb"});
  } else if (by_version.size() == 1) {
    const auto& [version, names] = *by_version.begin();
    findings.push_back({"package.versions", Level::kGood,
                        fmt::format("{} packages, all of version {}", names.size(), version)});
  }
  return findings;
}

}  // namespace npu::cli
