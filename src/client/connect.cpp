#include "client/connect.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>

#include <fmt/format.h>

namespace npu::client {
namespace {

Error explain(const std::string& path, int error) {
  const std::string text = std::generic_category().message(error);
  switch (error) {
    case ENOENT:
      return {
          ErrorCode::kUnavailable,
          fmt::format("no device manager at {}: {}; is hailo-device-manager running?", path, text)};
    case ECONNREFUSED:
      return {ErrorCode::kUnavailable,
              fmt::format("nobody answers on {}: hailo-device-manager is not running", path)};
    case EACCES:
    case EPERM:
      return {ErrorCode::kPermission,
              fmt::format("may not open {}: {}; its group must be one of yours", path, text)};
    case EAGAIN:
      return {ErrorCode::kUnavailable,
              fmt::format("the device manager at {} is not accepting", path)};
    default: return {ErrorCode::kUnavailable, fmt::format("cannot connect to {}: {}", path, text)};
  }
}

}  // namespace

Result<UniqueFd> connect_now(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a socket path has at most {} characters, got {}",
                            sizeof(address.sun_path) - 1, path.size()));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail(explain(path, errno));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return fail(explain(path, errno));
  }
  return fd;
}

Error connection_lost(int error) {
  return {ErrorCode::kUnavailable,
          "the connection to the device manager was lost" +
              (error != 0 ? ": " + std::generic_category().message(error) : std::string())};
}

}  // namespace npu::client
