#include "device/hailort/selftest/loader.hpp"

#include "device/hailort/open_plugin.hpp"

namespace npu::device::hailort::selftest {

Result<const Plugin*> load_plugin(const std::string& folder) {
  const auto head = open_plugin(
      {.prefix = "hailort-selftest-", .symbol = kPluginSymbol, .name = "self-test"}, folder);
  if (!head) return fail(head.error());
  return static_cast<const Plugin*>(*head);
}

}  // namespace npu::device::hailort::selftest
