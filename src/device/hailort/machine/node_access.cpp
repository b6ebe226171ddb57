#include "device/hailort/machine/node_access.hpp"

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/account_name.hpp"

namespace npu::device::hailort {
namespace {

constexpr mode_t kGroupMayUse = S_IRGRP | S_IWGRP;

std::string trouble_with(const Roots& roots, const DeviceNode& node) {
  const auto file = std::filesystem::path(roots.dev) /
                    std::filesystem::path(node.path).lexically_relative("/dev");
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) {
    return fmt::format(
        "the driver has a device and its node {} is absent; in a container pass it in, else: sudo "
        "udevadm trigger",
        node.path);
  }
  if (::faccessat(AT_FDCWD, file.c_str(), R_OK | W_OK, AT_EACCESS) == 0) return {};
  const std::string user = user_name(::geteuid());
  const std::string group = group_name(info.st_gid);
  const bool by_group = info.st_gid != 0 && (info.st_mode & kGroupMayUse) == kGroupMayUse;
  return fmt::format(
      "the user {} may not open {} (owner {}, group {}, mode {:04o}); {}", user, node.path,
      user_name(info.st_uid), group, info.st_mode & 07777U,
      by_group ? fmt::format("sudo usermod -aG {} {}  and start it anew", group, user)
               : std::string("give it to a group that the user is in: hailoctl doctor shows how"));
}

}  // namespace

std::string node_trouble(const Roots& roots) {
  for (const auto& node : device_nodes(roots)) {
    if (auto trouble = trouble_with(roots, node); !trouble.empty()) return trouble;
  }
  return {};
}

}  // namespace npu::device::hailort
