#include "device/hailort/hef/model_path.hpp"

#include <filesystem>
#include <system_error>

#include <unistd.h>

#include <fmt/format.h>

namespace npu::device::hailort {
std::string readable_path(const ModelFile& file) {
  if (file.fd < 0) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(file.path, error);
    return error ? file.path : absolute.string();
  }
  return fmt::format("/proc/{}/fd/{}", ::getpid(), file.fd);
}

}  // namespace npu::device::hailort
