// The manager's end of a worker's link, for tests.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/unique_fd.hpp"
#include "tensor/shared_memory.hpp"
#include "wire/frame.hpp"

namespace npu::worker {

class ManagerEnd {
 public:
  explicit ManagerEnd(UniqueFd socket = {}) : socket_(std::move(socket)) {}

  // Throws where the link is broken or nothing comes for long.
  void send(const boost::json::value& message, int descriptor = -1);
  void send_raw(std::string_view bytes);
  boost::json::object receive();  // leaves out `progress`, which depends on the machine
  boost::json::object ask(const boost::json::value& message, int descriptor = -1);
  // The next message is an end of file.
  bool at_end();
  UniqueFd take_descriptor();

  // Makes a region and tells the worker.
  SharedMemory region(std::uint64_t number, std::size_t bytes);

  void close_link() { socket_.reset(); }

 private:
  bool read_some();

  UniqueFd socket_;
  wire::FrameReader reader_;
  std::vector<UniqueFd> descriptors_;
};

}  // namespace npu::worker
