// One worker process: started with one end of a socket pair, watched, reaped.
//
// Watched through a pipe whose other end only the worker holds: the kernel closes that when the
// process has no memory any more. (A pidfd would tell the same, but not under every sandbox.) What
// the worker writes into it are its last words: the system call that it tried and may not.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <sys/types.h>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "base/watched_fd.hpp"

namespace npu::manager {

// The worker program: `configured` if given, else beside this program, else where it is installed.
Result<std::string> find_worker(const std::string& configured);

class WorkerProcess {
 public:
  struct Spawned {
    std::shared_ptr<WorkerProcess> process;
    WatchedFd link;  // our end, non-blocking
  };
  // Starts program with arguments; in the child the other end of the link is descriptor 3, that of
  // the pipe for last words 4, standard input is empty, and the process dies with this one. The
  // first argument is not the program. It gets no descriptor at or above LowDescriptors::kEnd; four
  // below that should be free. patience: how long it may take to end once it was killed.
  static constexpr std::size_t kDescriptors = 4;
  static Result<Spawned> spawn(boost::asio::io_context& io, const std::string& program,
                               const std::vector<std::string>& arguments, Duration patience);

  virtual ~WorkerProcess() = default;  // kills it, and does not wait for its end

  // Calls back once with "exited with status 1" or "killed by signal 9" when the process is gone:
  // from then on it touches no memory.
  virtual void on_exit(std::function<void(std::string how)> callback) = 0;
  // Calls back, once, when the process was killed and has not ended in time: it hangs in the
  // kernel, in the device's driver most likely, where no signal reaches it.
  virtual void on_stuck(std::function<void(std::string how)> callback) = 0;
  virtual void kill() = 0;
  virtual pid_t pid() const = 0;
};

}  // namespace npu::manager
