// The one symbol that the object of the hardware checks exports.

#include "device/hailort/selftest/plugin.hpp"

#include "device/hailort/sdk.hpp"
#include "device/hailort/selftest/run_check.hpp"

using namespace npu::device::hailort;

extern "C" __attribute__((visibility("default"))) const PluginHead* npu_hailort_selftest() {
  static const selftest::Plugin plugin{plugin_head(), selftest::hardware_checks,
                                       selftest::run_check};
  return &plugin;
}
