#include "manager/settings/account_list.hpp"

#include <algorithm>

#include "base/account_name.hpp"
#include "base/log.hpp"

namespace npu::manager {
namespace {

constexpr std::string_view kGroup = "group:";

}  // namespace

AccountList::AccountList(std::string_view setting, std::span<const std::string> names) {
  for (const std::string& name : names) {
    const bool is_group = name.starts_with(kGroup);
    if (name == "*") {
      everybody_ = true;
    } else if (const auto group = is_group ? group_id(name.substr(kGroup.size())) : std::nullopt) {
      groups_.insert(*group);
    } else if (const auto user = is_group ? std::nullopt : user_id(name)) {
      users_.insert(*user);
    } else {
      log::warning("{}: there is no {} \"{}\"", setting, is_group ? "group" : "user", name);
    }
  }
}

bool AccountList::contains(const PeerCredentials& peer, int socket) const {
  if (everybody_ || users_.contains(peer.uid)) return true;
  if (groups_.empty()) return false;
  return groups_.contains(peer.gid) ||
         std::ranges::any_of(peer_groups(socket),
                             [this](const gid_t group) { return groups_.contains(group); });
}

}  // namespace npu::manager
