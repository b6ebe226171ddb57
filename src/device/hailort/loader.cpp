#include "device/hailort/loader.hpp"

#include "base/log.hpp"
#include "device/hailort/machine/machine.hpp"
#include "device/hailort/open_plugin.hpp"

namespace npu::device::hailort {

Result<const Plugin*> load_plugin(const std::string& folder) {
  const auto head =
      open_plugin({.prefix = "hailort-", .symbol = kPluginSymbol, .name = "adapter"}, folder);
  if (!head) return fail(head.error());
  return static_cast<const Plugin*>(*head);
}

bool present(const OpenOptions& options) {
  if (!has_hardware(roots_from_environment())) return false;
  const auto plugin = load_plugin(options.adapter_dir);
  if (!plugin) {
    log::warning("this machine has a Hailo device that cannot be used: {}", plugin.error().message);
  }
  return plugin.has_value();
}

Result<std::unique_ptr<Device>> open_hailort(const OpenOptions& options) {
  const auto plugin = load_plugin(options.adapter_dir);
  if (!plugin) return fail(plugin.error());
  return (*plugin)->open(options);
}

}  // namespace npu::device::hailort
