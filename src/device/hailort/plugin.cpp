// The one symbol that an adapter exports.

#include "device/hailort/plugin.hpp"

#include "device/hailort/chip/scan.hpp"
#include "device/hailort/hailort_device.hpp"
#include "device/hailort/hef/hef_summary.hpp"
#include "device/hailort/sdk.hpp"

using namespace npu::device::hailort;

extern "C" __attribute__((visibility("default"))) const PluginHead* npu_hailort_plugin() {
  static const Plugin plugin{plugin_head(), open_device, inspect_hef, scan_devices};
  return &plugin;
}
