#include "device/hailort/machine/machine.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/sysmacros.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::device::hailort {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVendor = "0x1e60";

std::string first_line(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

// Sorted, so that what is made of it does not change from call to call.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    found.push_back(it->path());
  }
  std::ranges::sort(found);
  return found;
}

std::optional<dev_t> device_number(const fs::path& file) {
  std::ifstream in(file);  // "236:0"
  unsigned major = 0;
  unsigned minor = 0;
  char colon = 0;
  if (!(in >> major >> colon >> minor) || colon != ':') return std::nullopt;
  return makedev(major, minor);
}

// What udev is told to call the node, else the name of the device.
std::string node_name(const fs::path& device) {
  std::ifstream in(device / "uevent");
  constexpr std::string_view kKey = "DEVNAME=";
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(kKey)) return line.substr(kKey.size());
  }
  return device.filename();
}

}  // namespace

Roots roots_from_environment() {
  Roots roots;
  if (const char* sys = std::getenv("HAILO_SYSFS_ROOT")) roots.sys = sys;
  if (const char* proc = std::getenv("HAILO_PROC_ROOT")) roots.proc = proc;
  if (const char* dev = std::getenv("HAILO_DEV_ROOT")) roots.dev = dev;
  return roots;
}

std::vector<PciDevice> pci_devices(const Roots& roots) {
  std::vector<PciDevice> found;
  for (const auto& device : entries(fs::path(roots.sys) / "bus/pci/devices")) {
    if (first_line(device / "vendor") != kVendor) continue;
    std::error_code none;
    found.push_back({.address = device.filename(),
                     .device = first_line(device / "device"),
                     .driver = fs::read_symlink(device / "driver", none).filename()});
  }
  return found;
}

std::vector<DeviceNode> device_nodes(const Roots& roots) {
  std::vector<DeviceNode> found;
  for (const auto& group : entries(fs::path(roots.sys) / "class")) {
    const std::string name = group.filename();
    if (name.find("hailo") == name.npos) continue;
    for (const auto& device : entries(group)) {
      found.push_back({.class_name = name,
                       .path = "/dev/" + node_name(device),
                       .number = device_number(device / "dev")});
    }
  }
  return found;
}

std::vector<Driver> drivers(const Roots& roots) {
  std::vector<Driver> found;
  for (const auto& module : entries(fs::path(roots.sys) / "module")) {
    const std::string name = module.filename();
    if (name.starts_with("hailo")) found.push_back({name, first_line(module / "version")});
  }
  return found;
}

std::string driver_version(const Roots& roots) {
  const auto found = drivers(roots);
  if (found.size() == 1 && !found.front().version.empty()) return found.front().version;
  std::vector<std::string> texts;
  texts.reserve(found.size());
  for (const auto& driver : found) {
    texts.push_back(
        fmt::format("{} ({})", driver.version.empty() ? "unknown" : driver.version, driver.module));
  }
  return texts.empty() ? "unknown" : fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace npu::device::hailort
