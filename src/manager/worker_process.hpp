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
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu::manager {

// The worker program: `configured` if given, else beside this program, else where it is installed.
Result<std::string> find_worker(const std::string& configured);

class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  struct Spawned {
    std::shared_ptr<WorkerProcess> process;
    UniqueFd link;  // our end, non-blocking
  };
  // Starts program with arguments; in the child the other end of the link is descriptor 3, standard
  // input is empty, and the process dies with this one. The first argument is not the program.
  static Result<Spawned> spawn(boost::asio::io_context& io, const std::string& program,
                               const std::vector<std::string>& arguments);

  WorkerProcess(boost::asio::io_context& io, pid_t pid, UniqueFd life);
  ~WorkerProcess();

  // Calls back once with "exited with status 1" or "killed by signal 9" when the process is gone:
  // from then on it touches no memory.
  void on_exit(std::function<void(std::string how)> callback);
  void kill();
  pid_t pid() const { return pid_; }

 private:
  void wait();

  boost::asio::posix::stream_descriptor life_;  // at its end when the process is
  pid_t pid_;
  bool reaped_ = false;
  std::function<void(std::string)> on_exit_;
};

}  // namespace npu::manager
