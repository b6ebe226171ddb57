#include "manager/foreign_fd.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include <fcntl.h>

namespace npu::manager {
namespace {

constexpr std::size_t kMostThreads = 16;

// Threads that live as long as there is something to close; what hangs holds up one of them.
class Closer {
 public:
  void close(UniqueFd fd) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(fd));
    if (threads_ == kMostThreads) return;
    try {
      std::thread([this] { run(); }).detach();
      ++threads_;
    } catch (const std::system_error&) {
      // Without a thread it stays open until the next one is passed.
    }
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!waiting_.empty()) {
      UniqueFd fd = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      fd.reset();
      lock.lock();
    }
    --threads_;
  }

  std::mutex mutex_;
  std::deque<UniqueFd> waiting_;
  std::size_t threads_ = 0;
};

// Never destroyed: its threads may outlive everything else.
Closer& closer() {
  static auto* const one = new Closer;
  return *one;
}

}  // namespace

ForeignFd::~ForeignFd() {
  const bool is_memory = !fd_ || ::fcntl(fd_.get(), F_GET_SEALS) >= 0;
  if (!is_memory) closer().close(std::move(fd_));
}

}  // namespace npu::manager
