// Makes a stop token wake a poll().
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace npu::client {

// While it lives, fd() becomes readable once a stop is requested. Costs nothing for a token that
// can never stop.
class Interrupt {
 public:
  explicit Interrupt(const std::stop_token& stop) {
    if (!stop.stop_possible()) return;
    fd_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    callback_.emplace(stop, [fd = fd_.get()] { ::eventfd_write(fd, 1); });
  }

  // -1 where there is nothing to wait for.
  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
  std::optional<std::stop_callback<std::function<void()>>> callback_;
};

}  // namespace npu::client
