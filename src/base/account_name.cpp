#include "base/account_name.hpp"

#include <cerrno>
#include <charconv>
#include <vector>

#include <grp.h>
#include <pwd.h>

namespace npu {
namespace {

constexpr std::size_t kUsualRoom = std::size_t{1} << 10;
constexpr std::size_t kMostRoom = std::size_t{1} << 20;  // a group with all its members

// ask(entry, text, size, found) as getpwuid_r has it, then take(entry) while its text is there.
template <class Entry, class Ask, class Take>
auto look_up(Ask ask, Take take) -> std::optional<decltype(take(Entry()))> {
  for (std::size_t room = kUsualRoom; room <= kMostRoom; room *= 4) {
    std::vector<char> text(room);
    Entry entry{};
    Entry* found = nullptr;
    if (ask(&entry, text.data(), text.size(), &found) == ERANGE) continue;
    if (found == nullptr) return std::nullopt;
    return take(*found);
  }
  return std::nullopt;
}

// Numbers of users and groups are of one type. The highest one means none.
std::optional<uid_t> number(const std::string& text) {
  uid_t id = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, id);
  if (error != std::errc{} || end != last || id == uid_t(-1)) return std::nullopt;
  return id;
}

}  // namespace

std::string user_name(uid_t id) {
  const auto ask = [id](auto... rest) { return ::getpwuid_r(id, rest...); };
  const auto name = [](const passwd& entry) { return std::string(entry.pw_name); };
  return look_up<passwd>(ask, name).value_or(std::to_string(id));
}

std::string group_name(gid_t id) {
  const auto ask = [id](auto... rest) { return ::getgrgid_r(id, rest...); };
  const auto name = [](const group& entry) { return std::string(entry.gr_name); };
  return look_up<group>(ask, name).value_or(std::to_string(id));
}

std::optional<uid_t> user_id(const std::string& name) {
  if (const auto id = number(name)) return id;
  const auto ask = [&](auto... rest) { return ::getpwnam_r(name.c_str(), rest...); };
  return look_up<passwd>(ask, [](const passwd& entry) { return entry.pw_uid; });
}

std::optional<gid_t> group_id(const std::string& name) {
  if (const auto id = number(name)) return id;
  const auto ask = [&](auto... rest) { return ::getgrnam_r(name.c_str(), rest...); };
  return look_up<group>(ask, [](const group& entry) { return entry.gr_gid; });
}

std::optional<gid_t> primary_group(const std::string& user) {
  const auto ask = [&](auto... rest) { return ::getpwnam_r(user.c_str(), rest...); };
  return look_up<passwd>(ask, [](const passwd& entry) { return entry.pw_gid; });
}

}  // namespace npu
