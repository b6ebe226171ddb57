// Who may do what concerns everybody on the device: root, the manager's own user, and whom
// limits.admins names.
#pragma once

#include <set>
#include <span>
#include <string>

#include <sys/types.h>

#include "base/unix_socket.hpp"

namespace npu::manager {

class Administrators {
 public:
  // Users by name or number, and groups as "group:NAME" or "group:NUMBER". Names that the system
  // does not know are warned of, and are nobody's.
  explicit Administrators(std::span<const std::string> names);

  // socket: the peer's, for the groups that it was in when it connected.
  bool contains(const PeerCredentials& peer, int socket) const;

 private:
  std::set<uid_t> users_;
  std::set<gid_t> groups_;
};

}  // namespace npu::manager
