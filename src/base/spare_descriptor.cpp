#include "base/spare_descriptor.hpp"

#include <array>

#include <fcntl.h>
#include <sys/socket.h>

namespace npu {

void SpareDescriptor::open() { fd_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool SpareDescriptor::turn_away(int listening, std::string_view farewell) {
  fd_.reset();
  UniqueFd client(::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  const bool accepted = static_cast<bool>(client);
  if (accepted) say_farewell(client.get(), farewell);
  client.reset();
  open();
  return accepted;
}

void say_farewell(int socket, std::string_view farewell) {
  std::array<char, 4096> unread;
  (void)::recv(socket, unread.data(), unread.size(), MSG_DONTWAIT);
  (void)::send(socket, farewell.data(), farewell.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace npu
