#include "http/file_closer.hpp"

#include <new>
#include <utility>

namespace npu::http {

FileCloser::FileCloser(Close close) : close_(std::move(close)), thread_([this] { run(); }) {}

FileCloser::~FileCloser() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void FileCloser::close(UniqueFd file) noexcept {
  if (!file) return;
  try {
    const std::scoped_lock lock(mutex_);
    files_.push_back(std::move(file));
  } catch (const std::bad_alloc&) {
    return;
  }
  changed_.notify_one();
}

void FileCloser::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !files_.empty(); });
    if (files_.empty()) return;
    std::vector<UniqueFd> files = std::exchange(files_, {});
    lock.unlock();
    for (UniqueFd& file : files) close_(std::move(file));
    lock.lock();
  }
}

}  // namespace npu::http
