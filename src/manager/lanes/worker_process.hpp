// One worker process: started with one end of a socket pair, watched, reaped.
//
// Watched through a pipe whose other end only the worker holds: the kernel closes that when the
// process has no memory any more. (A pidfd would tell the same, but not under every sandbox.)
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/types.h>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "base/watched_fd.hpp"

namespace npu::manager {

// The worker program: `configured` if given, else beside this program, else where it is installed.
Result<std::string> find_worker(const std::string& configured);

class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  struct Spawned {
    std::shared_ptr<WorkerProcess> process;
    WatchedFd link;  // our end, non-blocking
  };
  // Starts program with arguments; in the child the other end of the link is descriptor 3, standard
  // input is empty, and the process dies with this one. The first argument is not the program.
  // It gets no descriptor at or above LowDescriptors::kEnd; four below that should be free.
  // patience: how long it may take to end once it was killed.
  static constexpr std::size_t kDescriptors = 4;
  static Result<Spawned> spawn(boost::asio::io_context& io, const std::string& program,
                               const std::vector<std::string>& arguments, Duration patience);

  WorkerProcess(boost::asio::io_context& io, pid_t pid, WatchedFd life, Duration patience);
  ~WorkerProcess();  // kills it, and does not wait for its end

  // Calls back once with "exited with status 1" or "killed by signal 9" when the process is gone:
  // from then on it touches no memory.
  void on_exit(std::function<void(std::string how)> callback);
  // Calls back, once, when the process was killed and has not ended in time: it hangs in the
  // kernel, in the device's driver most likely, where no signal reaches it.
  void on_stuck(std::function<void(std::string how)> callback) { on_stuck_ = std::move(callback); }
  void kill();
  pid_t pid() const { return pid_; }

 private:
  void wait();
  void reap();
  void arm_patience();

  WatchedFd life_;  // at its end when the process is
  boost::asio::signal_set child_signals_;
  boost::asio::steady_timer patience_timer_;
  pid_t pid_;
  Duration patience_;
  bool killed_ = false;
  bool reaped_ = false;
  std::function<void(std::string)> on_exit_;
  std::function<void(std::string)> on_stuck_;
};

}  // namespace npu::manager
