#include "worker/link.hpp"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/unix_socket.hpp"

namespace npu::worker {
Link::Link(UniqueFd socket)
    : socket_(std::move(socket)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reader_(wire::kMaxWorkerMessage) {
  if (wake_.get() < 0) broken_ = Error{ErrorCode::kInternal, "cannot make an event descriptor"};
  if (auto ok = set_nonblocking(socket_.get(), true); !ok) broken_ = ok.error();
}

Result<std::optional<wire::ReceivedOrder>> Link::next() {
  while (waiting_.empty()) {
    if (broken_) return fail(*broken_);
    if (ended_) return std::nullopt;
    listen();
    receive_once();
  }
  std::optional<wire::ReceivedOrder> message(std::move(waiting_.front()));
  waiting_.pop_front();
  return message;
}

// Waits, without the turn, until there is something to receive or another thread has received it.
void Link::listen() {
  pollfd entries[] = {{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
  listening_ = true;
  {
    const Away away(turn_);
    ::poll(entries, std::size(entries), -1);
  }
  listening_ = false;
  eventfd_t count = 0;
  if (entries[1].revents != 0) ::eventfd_read(wake_.get(), &count);
}

void Link::wake_listener() {
  if (listening_) ::eventfd_write(wake_.get(), 1);
}

Result<UniqueFd> Link::take_descriptor() {
  if (descriptors_.empty())
    return fail(ErrorCode::kMalformed, "a message came without its descriptor");
  UniqueFd fd = std::move(descriptors_.front());
  descriptors_.erase(descriptors_.begin());
  return fd;
}

void Link::send(const wire::Report& report, int descriptor) {
  if (closed()) return;
  std::string frame = wire::encode(report);
  const iovec part{frame.data(), frame.size()};
  const std::span<const int> fds(&descriptor, descriptor >= 0 ? 1 : 0);
  if (send_all(socket_.get(), std::span(&part, 1), fds)) return;
  ended_ = true;
  wake_listener();
}

void Link::pump() {
  do {
    receive_once();
  } while (!drained_ && !closed());
}

void Link::wait(SteadyTime when) {
  const auto left = std::max(when - std::chrono::steady_clock::now(), Duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec limit{static_cast<time_t>(seconds.count()),
                       std::chrono::nanoseconds(left - seconds).count()};
  pollfd entry{socket_.get(), POLLIN, 0};
  if (::ppoll(&entry, 1, &limit, nullptr) > 0) pump();
}

void Link::end(JobId job) {
  cancelled_.erase(job);
  current_.erase(job);
}

void Link::give_up(Error why) {
  broken_ = std::move(why);
  waiting_.clear();
  wake_listener();
}

void Link::receive_once() {
  drained_ = false;
  const IoResult got = receive(socket_.get(), reader_.prepare(), descriptors_);
  switch (got.kind) {
    case IoResult::Kind::kWouldBlock: drained_ = true; return;
    case IoResult::Kind::kError: ended_ = true; return;
    case IoResult::Kind::kEof:
      ended_ = true;
      if (!reader_.at_boundary())
        broken_ = Error{ErrorCode::kMalformed, "the link ended inside a message"};
      return;
    case IoResult::Kind::kOk: break;
  }
  if (auto ok = reader_.commit(got.bytes); !ok) {
    broken_ = ok.error();
  } else {
    take_in();
  }
  wake_listener();
}

void Link::take_in() {
  while (auto payload = reader_.next()) {
    auto message = wire::decode_order(payload->bytes);
    if (!message) {
      broken_ = Error{ErrorCode::kMalformed, "the manager's message: " + message.error().message};
      return;
    }
    if (const auto* other = std::get_if<wire::order::Cancel>(&message->order)) {
      cancel(other->job);
    } else {
      waiting_.push_back(std::move(*message));
    }
  }
}

void Link::cancel(JobId job) {
  const bool waits = std::ranges::any_of(waiting_, [&](const wire::ReceivedOrder& other) {
    const auto* infer = std::get_if<wire::order::Infer>(&other.order);
    return infer != nullptr && infer->job == job;
  });
  if (waits || current_.contains(job)) cancelled_.insert(job);
}

}  // namespace npu::worker
