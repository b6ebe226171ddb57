// Chips on the bus and the kernel modules for them.
#include <algorithm>

#include <fmt/format.h>

#include "cli/doctor/doctor.hpp"
#include "cli/doctor/families.hpp"
#include "cli/status_text.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr const char* kNoChip =
    "With a HAT: check its ribbon cable and that it gets power; on a Raspberry Pi 5 add "
    "dtparam=pciex1 to /boot/firmware/config.txt and reboot; see  lspci -d 1e60:\n"
    "Without one: models run on the CPU, nothing is to be done";

// "8.0 GT/s PCIe" and "1" of an address; none where /sys does not say.
Findings link_of(const Machine& machine, const std::string& address) {
  const std::string folder = "/sys/bus/pci/devices/" + address;
  const auto speed = machine.text(folder + "/current_link_speed");
  const auto width = machine.text(folder + "/current_link_width");
  if (!speed || !width || speed->starts_with("Unknown")) return {};
  const double gigatransfers = std::strtod(speed->c_str(), nullptr);
  const std::string what = fmt::format("PCIe link of {}: {}, {} lane{}", address, *speed, *width,
                                       *width == "1" ? "" : "s");
  if (gigatransfers >= 8) return {{"pcie.link", Level::kGood, what}};
  return {{"pcie.link", Level::kWarning, what + ": slower than the chip can",
           "Loading language models takes twice as long. On a Raspberry Pi 5 add "
           "dtparam=pciex1_gen=3 to /boot/firmware/config.txt and reboot"}};
}

bool is_loaded(const Machine& machine, std::string_view module) {
  const auto drivers = machine.hardware_list("drivers");
  return std::ranges::any_of(
      drivers, [&](const json::object& driver) { return text_of(driver, "module") == module; });
}

// A loaded module that is not the chip's; "" if there is none.
std::string other_module(const Machine& machine, const ChipFamily& family) {
  for (const auto& driver : machine.hardware_list("drivers")) {
    const std::string module = text_of(driver, "module");
    if (module != family.module && !chips_of_module(module).empty()) return module;
  }
  return {};
}

Finding wrong_module(const ChipFamily& family, const std::string& chip, const std::string& module) {
  return {"driver.family", Level::kError,
          fmt::format("{} is a {}, and the kernel module {} is for {}", chip, family.name, module,
                      chips_of_module(module)),
          fmt::format("Remove the packages of the other chip (hailo-all and hailo-h10-all exclude "
                      "each other), then:  sudo apt install {}  and switch the power off and on",
                      family.package)};
}

Finding driver_of(const Machine& machine, const json::object& pci) {
  const auto& family = family_of(text_of(pci, "device"));
  const std::string chip = text_of(pci, "address");
  const std::string bound = text_of(pci, "driver");
  if (bound == family.driver) {
    return {
        "driver.family", Level::kGood,
        fmt::format("kernel module {} is bound to the {} at {}", family.module, family.name, chip)};
  }
  if (!bound.empty() && !is_loaded(machine, family.module)) {
    const std::string other = other_module(machine, family);
    return wrong_module(family, chip, other.empty() ? bound : other);
  }
  if (is_loaded(machine, family.module)) {
    return {"driver.family", Level::kError,
            fmt::format("kernel module {} is loaded and did not take the {} at {}", family.module,
                        family.name, chip),
            "See why:  sudo dmesg | grep -i hailo  ; after a change of version switch the power "
            "off and on, a restart does not load other firmware"};
  }
  if (const std::string other = other_module(machine, family); !other.empty()) {
    return wrong_module(family, chip, other);
  }
  return {"driver.family", Level::kError,
          fmt::format("no kernel module for the {} at {} is loaded", family.name, chip),
          fmt::format("Try:  sudo modprobe {}  ; if it is not there:  sudo apt install {}  (after "
                      "a kernel upgrade: sudo apt install --reinstall), and reboot",
                      family.module, family.package)};
}

}  // namespace

Findings check_probe(const Machine& machine) {
  if (machine.hardware) return {};
  return {{"probe", Level::kError, machine.hardware.error().message,
           "Nothing can be said of chip, driver and HailoRT without it. Install "
           "hailo-device-manager again, or name it in HAILO_DEVICE_PROBE"}};
}

Findings check_chips(const Machine& machine) {
  if (!machine.hardware) return {};
  const auto chips = machine.hardware_list("pci");
  if (chips.empty()) {
    if (machine.has_hardware()) return {};  // by USB, or the chip's own Linux
    return {{"chip", Level::kWarning, "no Hailo chip on the PCI bus", kNoChip}};
  }
  Findings findings;
  for (const auto& chip : chips) {
    const std::string address = text_of(chip, "address");
    findings.push_back(
        {"chip", Level::kGood,
         fmt::format("{} at {} on the PCI bus", family_of(text_of(chip, "device")).name, address)});
    for (auto& finding : link_of(machine, address)) findings.push_back(std::move(finding));
  }
  return findings;
}

Findings check_drivers(const Machine& machine) {
  Findings findings;
  for (const auto& chip : machine.hardware_list("pci")) {
    findings.push_back(driver_of(machine, chip));
  }
  return findings;
}

}  // namespace npu::cli
