// What of Hailo there is on this machine, read from /sys: without the library, and where it is not.
//
// Nothing here knows the name of a driver, of a device node or of a class of one version: what
// begins with or contains "hailo" is Hailo's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace npu::device::hailort {

struct Roots {
  std::string sys = "/sys";
  std::string proc = "/proc";
  std::string dev = "/dev";
};
// HAILO_SYSFS_ROOT, HAILO_PROC_ROOT and HAILO_DEV_ROOT, for tests on a machine without the device.
Roots roots_from_environment();

struct PciDevice {
  std::string address;  // "0001:01:00.0"
  std::string device;   // "0x45c4"
  std::string driver;   // kernel driver that is bound to it; empty: none
};
std::vector<PciDevice> pci_devices(const Roots& roots);

struct DeviceNode {
  std::string class_name;
  std::string path;             // "/dev/h1x-0"
  std::optional<dev_t> number;  // none where /sys does not say
};
std::vector<DeviceNode> device_nodes(const Roots& roots);

struct Driver {
  std::string module;
  std::string version;  // empty: it does not say
};
std::vector<Driver> drivers(const Roots& roots);
// "5.2.0", of several "5.2.0 (hailo1x_pci), 4.23.0 (hailo_pci)"; "unknown" where there is none.
std::string driver_version(const Roots& roots);

inline bool has_hardware(const Roots& roots) {
  return !pci_devices(roots).empty() || !device_nodes(roots).empty();
}

}  // namespace npu::device::hailort
