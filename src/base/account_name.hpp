// The names of users and groups, for messages. Safe to use from any thread.
#pragma once

#include <string>

#include <sys/types.h>

namespace npu {

// The number itself where it has no name.
std::string user_name(uid_t id);
std::string group_name(gid_t id);

}  // namespace npu
