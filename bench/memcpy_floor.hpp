// The floor for moving a tensor to another process and one back: both copied once through shared
// memory, with a byte over a socket as the doorbell each way.
#pragma once

#include <cstddef>
#include <vector>

#include <sys/types.h>

#include "base/unique_fd.hpp"
#include "tensor/shared_memory.hpp"

namespace npu::bench {

class MemcpyFloor {
 public:
  MemcpyFloor(std::size_t input_bytes, std::size_t output_bytes);
  ~MemcpyFloor();
  MemcpyFloor(const MemcpyFloor&) = delete;
  MemcpyFloor& operator=(const MemcpyFloor&) = delete;

  // One exchange: copy the input in, ring, wait, copy nothing: the output is read in place.
  void exchange();

 private:
  void serve(int socket);

  std::size_t input_bytes_;
  std::size_t output_bytes_;
  SharedMemory memory_;
  std::vector<std::byte> source_;
  UniqueFd socket_;
  pid_t child_ = -1;
};

}  // namespace npu::bench
