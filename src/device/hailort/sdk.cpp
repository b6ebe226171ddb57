#include "device/hailort/sdk.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/version.hpp"

namespace npu::device::hailort {

std::string loaded_version() {
  hailo_version_t version{};
  if (hailo_get_library_version(&version) != HAILO_SUCCESS) return NPU_HAILORT_COMPILED_VERSION;
  return fmt::format("{}.{}.{}", version.major, version.minor, version.revision);
}

PluginHead plugin_head() {
  static const std::string build = version();
  return {.build = build.c_str(),
          .compiled_version = NPU_HAILORT_COMPILED_VERSION,
          .use_log = log::use_sink,
          .library_version = loaded_version};
}

std::string architecture_name(hailo_device_architecture_t architecture) {
  const auto name = sdk::Hef::device_arch_to_string(architecture);
  return name.has_value() ? name.value()
                          : fmt::format("architecture {}", static_cast<int>(architecture));
}

}  // namespace npu::device::hailort
