// The real worker program at the other end of a link, for tests.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "worker/manager_end_test_support.hpp"

namespace npu::worker {

class WorkerProcess : public ManagerEnd {
 public:
  // arguments: after --lane vision and --link-fd. environment: "NAME=value", added to this
  // process's.
  explicit WorkerProcess(std::vector<std::string> arguments,
                         std::vector<std::string> environment = {});
  ~WorkerProcess();  // kills it
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  void signal(int number);
  // Exit status; -n where signal n ended it.
  int wait();

 private:
  pid_t pid_ = -1;
};

}  // namespace npu::worker
