// Opening a file below a folder, so that no link and no ".." on the way leads out of it.
#pragma once

#include <string>

#include "base/unique_fd.hpp"

namespace npu {

enum class Links { kInside, kNone };  // those that stay inside are followed, or none at all

// Opens `path`, relative to the opened folder, for reading. Never waits for a FIFO or a device and
// never makes a terminal the process's own. Without a descriptor errno says why: EXDEV where the
// way leads out (absolute links do, wherever they lead), ELOOP where a link is not to be followed.
UniqueFd open_beneath(int folder, const std::string& path, Links links = Links::kInside);

// The same without openat2(2), which kernels before 5.6 lack and seccomp filters may refuse: goes
// down folder by folder.
UniqueFd walk_beneath(int folder, const std::string& path, Links links = Links::kInside);

}  // namespace npu
