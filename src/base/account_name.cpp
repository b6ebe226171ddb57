#include "base/account_name.hpp"

#include <array>

#include <grp.h>
#include <pwd.h>

namespace npu {
namespace {

// Of any entry that has more, the number will do.
using Room = std::array<char, 16384>;

}  // namespace

std::string user_name(uid_t id) {
  Room room{};
  passwd entry{};
  passwd* found = nullptr;
  (void)::getpwuid_r(id, &entry, room.data(), room.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(id);
}

std::string group_name(gid_t id) {
  Room room{};
  group entry{};
  group* found = nullptr;
  (void)::getgrgid_r(id, &entry, room.data(), room.size(), &found);
  return found != nullptr ? found->gr_name : std::to_string(id);
}

}  // namespace npu
