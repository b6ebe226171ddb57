#include "worker/link.hpp"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#include <fmt/format.h>

#include "base/unix_socket.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace {

// A client's message at its largest, and what the manager writes around it.
constexpr std::size_t kMaxPayload = std::size_t{1} << 30;

tl::unexpected<Error> malformed(std::string_view name, std::string_view what) {
  return fail(ErrorCode::kMalformed,
              fmt::format("the manager's message needs {} '{}'", what, name));
}

}  // namespace

Result<std::uint64_t> number_at(const json::object& message, std::string_view name) {
  const auto* value = message.if_contains(name);
  if (value != nullptr && value->is_int64() && value->get_int64() >= 0) {
    return static_cast<std::uint64_t>(value->get_int64());
  }
  if (value != nullptr && value->is_uint64()) return value->get_uint64();
  return malformed(name, "a number");
}

Result<std::string_view> text_at(const json::object& message, std::string_view name) {
  const auto* value = message.if_contains(name);
  if (value == nullptr || !value->is_string()) return malformed(name, "a text");
  return std::string_view(value->get_string());
}

std::string_view op_of(const json::object& message) { return text_at(message, "op").value_or(""); }

Link::Link(UniqueFd socket)
    : socket_(std::move(socket)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      reader_(kMaxPayload) {
  if (wake_.get() < 0) broken_ = Error{ErrorCode::kInternal, "cannot make an event descriptor"};
  if (auto ok = set_nonblocking(socket_.get(), true); !ok) broken_ = ok.error();
}

Result<std::optional<json::object>> Link::next() {
  while (waiting_.empty()) {
    if (broken_) return fail(*broken_);
    if (ended_) return std::nullopt;
    listen();
    receive_once();
  }
  std::optional<json::object> message(std::move(waiting_.front()));
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

void Link::send(std::string_view text, int descriptor) {
  if (closed()) return;
  auto header = wire::encode_length(text.size());
  const iovec parts[] = {{header.data(), header.size()},
                         {const_cast<char*>(text.data()), text.size()}};
  const std::span<const int> fds(&descriptor, descriptor >= 0 ? 1 : 0);
  if (send_all(socket_.get(), parts, fds)) return;
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
    auto message =
        wire::parse_payload(payload->bytes, wire::Layout::kJson, {.values = npu::json::kAnyValues});
    if (!message) {
      broken_ = message.error();
      return;
    }
    accept(std::move(message->body));
  }
}

void Link::accept(json::object message) {
  if (op_of(message) == "cancel") return cancel(message);
  waiting_.push_back(std::move(message));
}

void Link::cancel(const json::object& message) {
  const auto job = number_at(message, "job");
  if (!job) {
    broken_ = job.error();
    return;
  }
  const bool known =
      current_.contains(*job) || std::ranges::any_of(waiting_, [&](const json::object& other) {
        return op_of(other) == "infer" && number_at(other, "job") == *job;
      });
  if (known) cancelled_.insert(*job);
}

}  // namespace npu::worker
