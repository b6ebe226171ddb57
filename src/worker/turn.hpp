// Whose turn it is: the one lock of a worker (docs/adr/0007).
//
// A thread has the turn whenever it touches the link, the models, the device or a region. It gives
// it away only to wait: for a message, or for the device.
#pragma once

#include <mutex>

namespace npu::worker {

using Turn = std::mutex;

// Gives the turn away for a scope.
class Away {
 public:
  explicit Away(Turn& turn) : turn_(turn) { turn_.unlock(); }
  ~Away() { turn_.lock(); }
  Away(const Away&) = delete;
  Away& operator=(const Away&) = delete;

 private:
  Turn& turn_;
};

}  // namespace npu::worker
