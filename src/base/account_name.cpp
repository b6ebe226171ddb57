#include "base/account_name.hpp"

#include <array>
#include <charconv>

#include <grp.h>
#include <pwd.h>

namespace npu {
namespace {

// Of any entry that has more, the number will do.
using Room = std::array<char, 16384>;

// Numbers of users and groups are of one type. The highest one means none.
std::optional<uid_t> number(const std::string& text) {
  uid_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  const bool good = !text.empty() && error == std::errc{} && stop == end && id != uid_t(-1);
  return good ? std::optional(id) : std::nullopt;
}

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

std::optional<uid_t> user_id(const std::string& name) {
  if (const auto id = number(name)) return id;
  Room room{};
  passwd entry{};
  passwd* found = nullptr;
  (void)::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  return found != nullptr ? std::optional(found->pw_uid) : std::nullopt;
}

std::optional<gid_t> group_id(const std::string& name) {
  if (const auto id = number(name)) return id;
  Room room{};
  group entry{};
  group* found = nullptr;
  (void)::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
  return found != nullptr ? std::optional(found->gr_gid) : std::nullopt;
}

}  // namespace npu
