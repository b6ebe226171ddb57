// A descriptor that a client passed.
//
// Closing what a stranger opened may take for ever: a file of FUSE asks its server, one of NFS its
// host, a socket may linger. So no thread that others wait for closes it, unless it is memory, and
// of one user only so many are waited for. docs/adr/0019.
#pragma once

#include <cstddef>
#include <map>
#include <utility>

#include <sys/types.h>

#include "base/unique_fd.hpp"

namespace npu::manager {

class PassedFd {
 public:
  // Of one user. While so many are on their way to being closed nothing more is to be read of him.
  static constexpr std::size_t kMostClosing = 64;

  PassedFd() = default;
  // user: who passed it.
  PassedFd(UniqueFd fd, uid_t user) : fd_(std::move(fd)), user_(user) {}
  PassedFd(PassedFd&&) noexcept = default;
  PassedFd& operator=(PassedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(user_, other.user_);
    return *this;
  }
  ~PassedFd();

  int get() const { return fd_.get(); }
  // To be moved from by who knows that closing it takes no time.
  UniqueFd& owned() { return fd_; }

  // How many that this user passed are being closed.
  static std::size_t closing_of(uid_t user);

 private:
  UniqueFd fd_;
  uid_t user_ = 0;
};

// Closes a Unix connection of that user. Descriptors may lie in it that nobody has taken; the
// kernel closes them along with it, so then another thread does it.
void close_connection(UniqueFd socket, uid_t user);
// The same of a listening socket, in which connections lie. It is not shut down: it may be shared.
void close_listening(UniqueFd socket);

// How many such sockets are being closed. Each takes a millisecond or what there is to do: where
// there are many, more come in than can be closed.
std::size_t connections_closing();

// Both kinds, by whose they are.
std::map<uid_t, std::size_t> descriptors_closing();

}  // namespace npu::manager
