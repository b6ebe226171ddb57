#include "client/out_frame.hpp"

#include <utility>

namespace npu::client {
namespace {

constexpr std::size_t kMaxParts = 64;

}  // namespace

OutFrame::OutFrame(std::string head, std::vector<ClientTensor> tail, int fd)
    : head_(std::move(head)), tail_(std::move(tail)), fd_(fd), size_(head_.size()) {
  for (const auto& tensor : tail_) size_ += tensor.bytes().size();
}

std::vector<iovec> OutFrame::rest() const {
  std::vector<iovec> parts;
  std::size_t skip = sent_;
  const auto add = [&](const void* data, std::size_t size) {
    if (parts.size() == kMaxParts) return;
    if (skip < size) {
      // sendmsg only reads through it.
      parts.push_back({static_cast<char*>(const_cast<void*>(data)) + skip, size - skip});
      skip = 0;
    } else {
      skip -= size;
    }
  };
  add(head_.data(), head_.size());
  for (const auto& tensor : tail_) add(tensor.bytes().data(), tensor.bytes().size());
  return parts;
}

IoResult OutFrame::send_some(int socket) {
  while (!done()) {
    const auto fds = std::span<const int>(&fd_, fd_ >= 0 && !started() ? 1 : 0);
    const IoResult sent = send(socket, rest(), fds);
    if (sent.kind != IoResult::Kind::kOk) return sent;
    sent_ += sent.bytes;
  }
  return {};
}

void OutFrame::own_rest() {
  std::string copy;
  copy.reserve(size_ - sent_);
  while (!done()) {
    const auto parts = rest();
    for (const auto& part : parts) {
      copy.append(static_cast<const char*>(part.iov_base), part.iov_len);
      sent_ += part.iov_len;
    }
  }
  const bool fd_to_pass = copy.size() == size_;
  head_ = std::move(copy);
  tail_.clear();
  if (!fd_to_pass) fd_ = -1;
  size_ = head_.size();
  sent_ = 0;
}

}  // namespace npu::client
