#include "base/descriptors.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>

#include <sys/resource.h>

namespace npu {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::size_t>::max();
  }
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t descriptors_left() {
  const std::size_t limit = descriptor_limit();
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  std::size_t open = 0;
  while (!error && entry != std::filesystem::directory_iterator()) {
    ++open;
    entry.increment(error);
  }
  if (error) return limit / 2;
  return limit - std::min(limit, open);
}

}  // namespace npu
