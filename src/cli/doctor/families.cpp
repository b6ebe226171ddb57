#include "cli/doctor/families.hpp"

namespace npu::cli {
namespace {

constexpr std::string_view kOld = "hailo_pci";
constexpr std::string_view kNew = "hailo1x_pci";

// From the device tables of the two drivers.
constexpr ChipFamily kFamilies[] = {
    {"0x2864", "Hailo-8", kOld, "hailo", "hailo-all"},
    {"0x45c4", "Hailo-10H", kNew, "hailo1x", "hailo-h10-all"},
    {"0x43a2", "Hailo-15L", kNew, "hailo1x", "hailo-h10-all"},
    {"0x26a2", "newer Hailo chip", kNew, "hailo1x", "hailo-h10-all"},
};
constexpr ChipFamily kUnknown{"", "unknown Hailo chip", kNew, "hailo1x", "hailo-h10-all"};

}  // namespace

const ChipFamily& family_of(std::string_view pci_device) {
  for (const auto& family : kFamilies) {
    if (family.pci_device == pci_device) return family;
  }
  return kUnknown;
}

std::string_view chips_of_module(std::string_view module) {
  if (module == kOld) return "Hailo-8";
  return module == kNew ? "Hailo-10, -12 and -15" : "";
}

}  // namespace npu::cli
