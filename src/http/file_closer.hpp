// Closes files on a thread of its own. The last descriptor of a file without a name frees the file:
// 20 ms for 60 MB, in which an event loop would answer nobody.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"

namespace npu::http {

// Thread safe.
class FileCloser {
 public:
  using Close = std::function<void(UniqueFd)>;

  // close: what the thread does with each; to be replaced in tests.
  explicit FileCloser(Close close = [](UniqueFd) {});
  // When all are closed.
  ~FileCloser();
  FileCloser(const FileCloser&) = delete;
  FileCloser& operator=(const FileCloser&) = delete;

  // Never waits. Where there is no memory for the list the file is closed here.
  void close(UniqueFd file) noexcept;

 private:
  void run();

  Close close_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<UniqueFd> files_;  // guarded by mutex_, as is ending_
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace npu::http
