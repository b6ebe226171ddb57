// The users and groups that a setting names.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/unix_socket.hpp"

namespace npu::manager {

class AccountList {
 public:
  // Users by name or number, groups as "group:NAME" or "group:NUMBER", "*" for everybody. Names are
  // looked up now; those that the system does not know are warned of, as of that setting, and are
  // nobody's.
  AccountList(std::string_view setting, std::span<const std::string> names);

  // socket: the peer's, for the groups that it was in when it connected.
  bool contains(const PeerCredentials& peer, int socket) const;

 private:
  bool everybody_ = false;
  std::set<uid_t> users_;
  std::set<gid_t> groups_;
};

}  // namespace npu::manager
