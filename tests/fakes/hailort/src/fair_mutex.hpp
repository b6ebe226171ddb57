// A mutex that is taken in the order of coming.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace hailo_fake {

class FairMutex {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    const std::uint64_t mine = last_++;
    next_there_.wait(guard, [&] { return mine == next_; });
  }
  void unlock() {
    {
      const std::lock_guard guard(mutex_);
      ++next_;
    }
    next_there_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable next_there_;
  std::uint64_t last_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace hailo_fake
