#include "memcpy_floor.hpp"

#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unix_socket.hpp"

namespace npu::bench {

MemcpyFloor::MemcpyFloor(std::size_t input_bytes, std::size_t output_bytes)
    : input_bytes_(input_bytes),
      output_bytes_(output_bytes),
      memory_(SharedMemory::create(input_bytes + output_bytes).value()),
      source_(input_bytes, std::byte{7}) {
  auto [mine, theirs] = unix_pair().value();
  child_ = ::fork();
  if (child_ == 0) {
    mine.reset();
    serve(theirs.get());
    ::_exit(0);
  }
  socket_ = std::move(mine);
}

MemcpyFloor::~MemcpyFloor() {
  socket_.reset();
  ::waitpid(child_, nullptr, 0);
}

void MemcpyFloor::exchange() {
  std::memcpy(memory_.bytes().data(), source_.data(), input_bytes_);
  char bell = 1;
  if (::send(socket_.get(), &bell, 1, MSG_NOSIGNAL) != 1 ||
      ::recv(socket_.get(), &bell, 1, 0) != 1) {
    std::abort();
  }
}

void MemcpyFloor::serve(int socket) {
  const std::vector<std::byte> result(output_bytes_, std::byte{3});
  char bell = 0;
  while (::recv(socket, &bell, 1, 0) == 1) {
    std::memcpy(memory_.bytes().data() + input_bytes_, result.data(), output_bytes_);
    if (::send(socket, &bell, 1, MSG_NOSIGNAL) != 1) return;
  }
}

}  // namespace npu::bench
