// Driver, library and firmware must be of one version, and an adapter must be there for it.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/doctor/doctor.hpp"
#include "cli/doctor/families.hpp"
#include "cli/status_text.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr const char* kOneVersion =
    "All three must be the same. Install driver and library of one version and from one source "
    "(apt list --installed | grep -i hailo), then switch the power off and on: a restart does "
    "not load other firmware";

// "driver 5.2.0" and so on, of what is known.
struct Known {
  std::vector<std::string> said;
  std::set<std::string> different;

  void add(std::string_view what, const std::string& version) {
    if (version.empty() || version == "0.0.0") return;
    said.push_back(fmt::format("{} {}", what, version));
    different.insert(version);
  }
};

// Several may be loaded side by side, each with a version of its own; none where no chip shows.
std::set<std::string> modules_of_chips(const Machine& machine) {
  std::set<std::string> out;
  for (const auto& chip : machine.hardware_list("pci")) {
    out.emplace(family_of(text_of(chip, "device")).module);
  }
  return out;
}

Findings of_library(const Machine& machine) {
  if (machine.versions) {
    const std::string library = text_of(*machine.versions, "library");
    const std::string adapter = text_of(*machine.versions, "adapter");
    if (library == adapter) {
      return {{"library.version", Level::kGood,
               fmt::format("HailoRT library {} with its adapter", library)}};
    }
    return {{"library.version", Level::kError,
             fmt::format("the adapter is made for HailoRT {}, the library is {}", adapter, library),
             "Install hailo-device-manager built for this HailoRT"}};
  }
  const Error& error = machine.versions.error();
  if (error.code == ErrorCode::kUnsupported) {
    if (!machine.has_hardware()) {
      return {{"library.version", Level::kGood,
               "HailoRT is not installed; it is needed for a Hailo chip only"}};
    }
    return {{"library.version", Level::kError, error.message,
             "Install HailoRT for the chip (Raspberry Pi OS: hailo-h10-all for the Hailo-10H, "
             "hailo-all for the Hailo-8) and hailo-device-manager built for it"}};
  }
  return {{"library.version", Level::kError, "HailoRT cannot be asked: " + error.message,
           "Install it again; if it crashes, say so in a bug report"}};
}

}  // namespace

Findings check_versions(const Machine& machine) {
  if (!machine.hardware) return {};
  Findings findings;
  Known known;
  const auto wanted = modules_of_chips(machine);
  for (const auto& driver : machine.hardware_list("drivers")) {
    const std::string module = text_of(driver, "module");
    const std::string version = text_of(driver, "version");
    if (version.empty()) continue;
    const bool counts = wanted.empty() || wanted.contains(module);
    findings.push_back({"driver.version", Level::kGood,
                        fmt::format("kernel module {} {}{}", module, version,
                                    counts ? "" : ", which no chip here needs")});
    if (counts) known.add(fmt::format("driver {}", module), version);
  }
  for (auto& finding : of_library(machine)) findings.push_back(std::move(finding));
  if (machine.versions) known.add("library", text_of(*machine.versions, "library"));
  for (const auto& device : machine.devices()) {
    const std::string firmware = text_of(device, "firmware");
    if (firmware.empty()) continue;
    findings.push_back({"firmware.version", Level::kGood,
                        fmt::format("firmware {} on {}", firmware, text_of(device, "id"))});
    known.add("firmware", firmware);
  }
  if (known.said.size() < 2) return findings;
  if (known.different.size() == 1) {
    findings.push_back(
        {"versions", Level::kGood, fmt::format("all are version {}", *known.different.begin())});
  } else {
    findings.push_back({"versions", Level::kError,
                        fmt::format("versions differ: {}", fmt::join(known.said, ", ")),
                        kOneVersion});
  }
  return findings;
}

}  // namespace npu::cli
