#include "device/hailort/sdk.hpp"

#include <fmt/format.h>

namespace npu::device::hailort {

std::string loaded_version() {
  hailo_version_t version{};
  if (hailo_get_library_version(&version) != HAILO_SUCCESS) return NPU_HAILORT_COMPILED_VERSION;
  return fmt::format("{}.{}.{}", version.major, version.minor, version.revision);
}

std::string architecture_name(hailo_device_architecture_t architecture) {
  const auto name = sdk::Hef::device_arch_to_string(architecture);
  return name.has_value() ? name.value()
                          : fmt::format("architecture {}", static_cast<int>(architecture));
}

}  // namespace npu::device::hailort
