// The names of users and groups, and whose they are. Safe to use from any thread.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

namespace npu {

// The number itself where it has no name.
std::string user_name(uid_t id);
std::string group_name(gid_t id);

// Of a name, or of the number itself in decimal digits, whether anybody has it or not.
std::optional<uid_t> user_id(const std::string& name);
std::optional<gid_t> group_id(const std::string& name);

// The group that a user's files and processes have at first.
std::optional<gid_t> primary_group(const std::string& user);

}  // namespace npu
