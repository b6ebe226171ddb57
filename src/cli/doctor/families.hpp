// The chips of Hailo as the PCI bus and the kernel know them.
#pragma once

#include <string>
#include <string_view>

namespace npu::cli {

struct ChipFamily {
  std::string_view pci_device;  // as /sys says it
  std::string_view name;
  std::string_view module;   // the kernel module for it
  std::string_view driver;   // what the module calls itself on the bus
  std::string_view package;  // that brings it on Raspberry Pi OS
};

// An unknown one is taken for a newer chip of the Hailo-10 line.
const ChipFamily& family_of(std::string_view pci_device);
// "Hailo-8": for which chips a module is; "" if it is none of these.
std::string_view chips_of_module(std::string_view module);

}  // namespace npu::cli
