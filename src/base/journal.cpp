#include "base/journal.hpp"

#include <cstdint>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>

namespace npu::log {
namespace {

// NAME=value, or where the value has several lines NAME, its length and the bytes.
void append(std::string& datagram, const JournalField& field) {
  datagram += field.name;
  if (field.value.find('\n') == std::string_view::npos) {
    datagram += '=';
  } else {
    datagram += '\n';
    for (std::uint64_t left = field.value.size(), i = 0; i < 8; ++i, left >>= 8) {
      datagram += static_cast<char>(left & 0xff);
    }
  }
  datagram += field.value;
  datagram += '\n';
}

}  // namespace

Journal::Journal(std::string socket_path) : socket_path_(std::move(socket_path)) {}

Journal& Journal::operator=(Journal&& other) noexcept {
  const std::scoped_lock lock(mutex_, other.mutex_);
  socket_path_ = std::move(other.socket_path_);
  socket_ = std::move(other.socket_);
  return *this;
}

bool Journal::send(std::span<const JournalField> fields) {
  std::string datagram;
  for (const JournalField& field : fields) {
    if (!field.value.empty()) append(datagram, field);
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path_.size() >= sizeof(address.sun_path)) return false;
  socket_path_.copy(address.sun_path, socket_path_.size());
  const std::lock_guard lock(mutex_);
  if (!socket_) socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) return false;
  // With the address each time: a journald that was restarted is found again.
  return ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&address),
                  sizeof(address)) == static_cast<ssize_t>(datagram.size());
}

}  // namespace npu::log
