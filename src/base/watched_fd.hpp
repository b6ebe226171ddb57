// A descriptor that an event loop waits for.
//
// The constructor of Asio's own throws where the kernel has no room for one more (epoll_ctl(2):
// ENOSPC, ENOMEM), and leaves the descriptor open. What clients bring about is to fail with a
// value.
#pragma once

#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu {

using WatchedFd = boost::asio::posix::stream_descriptor;

// loop: an io_context or an executor. Takes fd; where it fails (kOverloaded) the caller keeps it.
template <class Loop>
Result<WatchedFd> watch(Loop&& loop, UniqueFd& fd) {
  WatchedFd watched(std::forward<Loop>(loop));
  boost::system::error_code error;
  watched.assign(fd.get(), error);
  if (error) {
    return fail(ErrorCode::kOverloaded,
                "the system watches no more descriptors for this user: " + error.message());
  }
  (void)fd.release();
  return watched;
}

}  // namespace npu
