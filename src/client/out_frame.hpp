// A frame on its way into a socket that takes it piece by piece.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <sys/uio.h>

#include <npu/client_tensor.hpp>

#include "base/unix_socket.hpp"

namespace npu::client {

// Move-only.
class OutFrame {
 public:
  // head: everything up to the raw bytes; tail: tensors whose bytes follow, kept until sent.
  // fd: a descriptor to pass with the first byte, or -1; it stays the caller's.
  explicit OutFrame(std::string head, std::vector<ClientTensor> tail = {}, int fd = -1);
  OutFrame(OutFrame&&) = default;
  OutFrame& operator=(OutFrame&&) = default;

  // Sends what the socket takes now. kOk: everything is sent; bytes is then not meaningful.
  IoResult send_some(int socket);

  bool started() const { return sent_ > 0; }
  bool done() const { return sent_ == size_; }
  std::size_t size() const { return size_; }

  // Copies what is not sent yet, so that borrowed tensors need not live on.
  void own_rest();

 private:
  std::vector<iovec> rest() const;

  std::string head_;
  std::vector<ClientTensor> tail_;
  int fd_;
  std::size_t size_ = 0;
  std::size_t sent_ = 0;
};

}  // namespace npu::client
