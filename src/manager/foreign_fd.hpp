// A descriptor that a client passed.
//
// Closing what a stranger opened may take for ever: a file of FUSE asks its server, one of NFS its
// host, a socket may linger. So no thread that others wait for closes it, unless it is memory.
#pragma once

#include <utility>

#include "base/unique_fd.hpp"

namespace npu::manager {

class ForeignFd {
 public:
  ForeignFd() = default;
  explicit ForeignFd(UniqueFd fd) : fd_(std::move(fd)) {}
  ForeignFd(ForeignFd&&) noexcept = default;
  ForeignFd& operator=(ForeignFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~ForeignFd();

  int get() const { return fd_.get(); }
  // To be moved from by who knows that closing it takes no time.
  UniqueFd& owned() { return fd_; }

 private:
  UniqueFd fd_;
};

}  // namespace npu::manager
