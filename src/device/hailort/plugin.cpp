// The one symbol that an adapter exports.

#include "device/hailort/plugin.hpp"

#include "base/version.hpp"
#include "device/hailort/checks/checks.hpp"
#include "device/hailort/chip/scan.hpp"
#include "device/hailort/hailort_device.hpp"
#include "device/hailort/hef/hef_summary.hpp"
#include "device/hailort/sdk.hpp"

namespace {

using namespace npu::device::hailort;

const char* build_version() {
  static const std::string version = npu::version();
  return version.c_str();
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const Plugin* npu_hailort_plugin() {
  static const Plugin plugin{.abi = kPluginAbi,
                             .build = build_version(),
                             .compiled_version = NPU_HAILORT_COMPILED_VERSION,
                             .use_log = npu::log::use_sink,
                             .library_version = loaded_version,
                             .open = open_device,
                             .inspect = inspect_hef,
                             .scan = scan_devices,
                             .check = run_check};
  return &plugin;
}
