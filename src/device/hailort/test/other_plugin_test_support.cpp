// Not built with the programs that open it: NPU_OTHER_ABI away from their interface, and of another
// version.

#include "device/hailort/plugin_head.hpp"

using namespace npu::device::hailort;

namespace {

const PluginHead* head() {
  static const PluginHead other{.abi = kPluginAbi + NPU_OTHER_ABI, .build = "another build"};
  return &other;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const PluginHead* npu_hailort_plugin() {
  return head();
}
extern "C" __attribute__((visibility("default"))) const PluginHead* npu_hailort_selftest() {
  return head();
}
