// The real worker program at the other end of a link, for tests.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <boost/json.hpp>

#include "base/unique_fd.hpp"
#include "tensor/shared_memory.hpp"
#include "wire/frame.hpp"

namespace npu::worker {

class WorkerProcess {
 public:
  // arguments: after --lane and --link-fd. environment: "NAME=value", added to this process's.
  explicit WorkerProcess(std::vector<std::string> arguments,
                         std::vector<std::string> environment = {});
  ~WorkerProcess();  // kills it
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Throws where the link is broken or nothing comes for long.
  void send(const boost::json::value& message, int descriptor = -1);
  void send_raw(std::string_view bytes);
  boost::json::object receive();
  boost::json::object ask(const boost::json::value& message, int descriptor = -1);
  // The next message is an end of file.
  bool at_end();
  UniqueFd take_descriptor();

  // Makes a region and tells the worker.
  SharedMemory region(std::uint64_t number, std::size_t bytes);

  void close_link() { socket_.reset(); }
  void signal(int number);
  // Exit status; -n where signal n ended it.
  int wait();

 private:
  bool read_some();

  pid_t pid_ = -1;
  UniqueFd socket_;
  wire::FrameReader reader_;
  std::vector<UniqueFd> descriptors_;
};

}  // namespace npu::worker
