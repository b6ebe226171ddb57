// When a file was last changed.
#pragma once

#include <cstdint>

#include <sys/stat.h>

namespace npu {

// Nanoseconds since 1970.
inline std::int64_t modified_ns(const struct stat& info) {
  return info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec;
}

}  // namespace npu
