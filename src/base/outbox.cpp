#include "base/outbox.hpp"

#include "base/unix_socket.hpp"

namespace npu {
namespace {

constexpr std::size_t kMaxParts = 64;

// Appends part without its first `skip` bytes; skip becomes what is left to skip.
void append_part(std::vector<iovec>& parts, iovec part, std::size_t& skip) {
  if (skip >= part.iov_len) {
    skip -= part.iov_len;
    return;
  }
  part.iov_base = static_cast<char*>(part.iov_base) + skip;
  part.iov_len -= skip;
  skip = 0;
  parts.push_back(part);
}

}  // namespace

std::size_t OutMessage::bytes() const {
  std::size_t sum = head.size();
  for (const iovec& part : tail) sum += part.iov_len;
  return sum;
}

Outbox::State Outbox::push(int socket, OutMessage message) {
  pending_ += message.bytes();
  queue_.push_back(std::move(message));
  if (queue_.size() > 1) return State::kBlocked;
  return flush(socket);
}

Outbox::State Outbox::flush(int socket) {
  while (!queue_.empty()) {
    gather(parts_);
    const bool with_fd = queue_.front().fd >= 0 && front_done_ == 0;
    const IoResult sent =
        send(socket, parts_, with_fd ? std::span(&queue_.front().fd, 1) : std::span<const int>());
    if (sent.kind == IoResult::Kind::kWouldBlock) return State::kBlocked;
    if (sent.kind != IoResult::Kind::kOk) return State::kBroken;
    consume(sent.bytes);
  }
  return State::kIdle;
}

void Outbox::gather(std::vector<iovec>& parts) const {
  parts.clear();
  std::size_t skip = front_done_;
  for (const OutMessage& message : queue_) {
    if (&message != &queue_.front() && message.fd >= 0) break;
    append_part(parts, {const_cast<char*>(message.head.data()), message.head.size()}, skip);
    for (const iovec& part : message.tail) append_part(parts, part, skip);
    if (parts.size() >= kMaxParts) break;
  }
  if (parts.size() > kMaxParts) parts.resize(kMaxParts);
}

void Outbox::consume(std::size_t bytes) {
  sent_ += bytes;
  pending_ -= bytes;
  front_done_ += bytes;
  while (!queue_.empty() && front_done_ >= queue_.front().bytes()) {
    front_done_ -= queue_.front().bytes();
    queue_.pop_front();
  }
}

}  // namespace npu
