#include "device/hailort/hef/model_path.hpp"

#include <filesystem>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace npu::device::hailort {
namespace {

bool leads_to(const std::string& path, int fd) {
  struct stat by_path{};
  struct stat by_fd{};
  return ::stat(path.c_str(), &by_path) == 0 && ::fstat(fd, &by_fd) == 0 &&
         by_path.st_dev == by_fd.st_dev && by_path.st_ino == by_fd.st_ino &&
         ::access(path.c_str(), R_OK) == 0;
}

}  // namespace

std::string readable_path(const ModelFile& file) {
  std::error_code error;
  if (file.fd < 0) {
    const auto absolute = std::filesystem::absolute(file.path, error);
    return error ? file.path : absolute.string();
  }
  std::string by_pid = fmt::format("/proc/{}/fd/{}", ::getpid(), file.fd);
  const auto target = std::filesystem::read_symlink(by_pid, error);
  if (!error && leads_to(target.string(), file.fd)) return target.string();
  return by_pid;
}

}  // namespace npu::device::hailort
