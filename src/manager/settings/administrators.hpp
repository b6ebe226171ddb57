// Who may do what concerns everybody on the device: root, the manager's own user, and whom
// limits.admins names.
#pragma once

#include <span>
#include <string>

#include "manager/settings/account_list.hpp"

namespace npu::manager {

class Administrators {
 public:
  explicit Administrators(std::span<const std::string> names) : named_("limits.admins", names) {}

  // socket: the peer's.
  bool contains(const PeerCredentials& peer, int socket) const;

 private:
  AccountList named_;
};

}  // namespace npu::manager
