// write(2) as often as it takes.
#pragma once

#include <cerrno>
#include <string_view>

#include <unistd.h>

namespace npu {

// 0 when all bytes are written, else why not: errno.
inline int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace npu
