// Opening the connection, and how long to wait before trying again.
#pragma once

#include <algorithm>
#include <string>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu::client {

// A non-blocking connected socket; never blocks. kUnavailable: nobody serves the path, or its
// queue is full; kPermission: the path may not be opened. Messages say what to do.
Result<UniqueFd> connect_now(const std::string& path);

// The error of a connection that ended. error: an errno, or 0 where the manager closed it.
Error connection_lost(int error);

// Pauses of 10 ms, 20 ms, ... 500 ms.
class Backoff {
 public:
  Millis next() {
    const Millis pause = next_;
    next_ = std::min(next_ * 2, Millis{500});
    return pause;
  }
  void reset() { next_ = Millis{10}; }

 private:
  Millis next_{10};
};

}  // namespace npu::client
