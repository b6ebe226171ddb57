#include "manager/settings/administrators.hpp"

#include <unistd.h>

namespace npu::manager {

bool Administrators::contains(const PeerCredentials& peer, int socket) const {
  return peer.uid == 0 || peer.uid == ::geteuid() || named_.contains(peer, socket);
}

}  // namespace npu::manager
