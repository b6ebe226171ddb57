#include "base/spare_descriptor.hpp"

#include <utility>

#include <fcntl.h>
#include <sys/socket.h>

namespace npu {

void SpareDescriptor::open() { fd_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool SpareDescriptor::turn_away(int listening,
                                const std::function<void(UniqueFd client)>& send_off) {
  fd_.reset();
  UniqueFd client(::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const bool accepted = static_cast<bool>(client);
  if (accepted) send_off(std::move(client));
  open();
  return accepted;
}

}  // namespace npu
