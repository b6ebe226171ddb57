#include "client/blocking_link.hpp"

#include <cerrno>
#include <utility>

#include <poll.h>

#include <fmt/format.h>

#include "client/connect.hpp"
#include "client/error_reply.hpp"
#include "client/interrupt.hpp"

namespace npu::client {
namespace {

constexpr std::chrono::nanoseconds kNoTime{0};

timespec time_left(SteadyTime deadline) {
  const auto left =
      std::max(kNoTime, std::chrono::nanoseconds(deadline - SteadyTime::clock::now()));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
}

}  // namespace

BlockingLink::BlockingLink(UniqueFd socket, const ClientOptions& options, Arena& arena,
                           const wire::BufferSource& memory)
    : socket_(std::move(socket)),
      arena_(arena),
      session_(options, memory),
      reader_(options.max_message_bytes, memory) {}

BlockingLink::~BlockingLink() {
  for (const auto& [id, block] : abandoned_) {
    if (block != nullptr) arena_.retire(*block->region());
  }
}

std::optional<BlockingLink::Failure> BlockingLink::greet(const Limits& limits) {
  auto hello = session_.hello();
  if (!hello) return std::nullopt;
  auto answer = exchange(std::move(*hello), kGreeting, limits);
  if (auto* failure = std::get_if<Failure>(&answer)) return std::move(*failure);
  if (auto accepted = session_.accept_hello(std::get<Incoming>(answer).body); !accepted) {
    return Failure{std::move(accepted.error()), false, false};
  }
  return std::nullopt;
}

BlockingLink::Wake BlockingLink::wait(short events, const Limits& limits, int interrupt) const {
  for (;;) {
    pollfd waits[2] = {{socket_.get(), events, 0}, {interrupt, POLLIN, 0}};
    const timespec left = time_left(limits.deadline);
    const int ready = ::ppoll(waits, interrupt >= 0 ? 2 : 1, &left, nullptr);
    if (ready < 0 && errno == EINTR) continue;
    if (interrupt >= 0 && waits[1].revents != 0) return Wake::kStopped;
    return ready > 0 ? Wake::kReady : Wake::kDeadline;
  }
}

BlockingLink::Taken BlockingLink::take(wire::Buffer payload, std::uint64_t id, bool sent) {
  auto incoming = session_.decode(std::move(payload));
  if (!incoming) return close(incoming.error(), false, sent);
  if (id == kGreeting) return std::move(*incoming);
  if (incoming->kind == Incoming::Kind::kOrphan) {
    const Error nameless{ErrorCode::kMalformed, "the manager's reply names no request"};
    return close(error_in(incoming->body).value_or(nameless), false, sent);
  }
  if (incoming->id == id) return std::move(*incoming);
  if (incoming->kind == Incoming::Kind::kReply) abandoned_.erase(incoming->id);
  return std::monostate{};
}

BlockingLink::Failure BlockingLink::close(Error error, bool lost, bool sent) {
  socket_.reset();
  return {std::move(error), lost, sent};
}

BlockingLink::Failure BlockingLink::abandon(ErrorCode why, const OutFrame& frame, std::uint64_t id,
                                            std::shared_ptr<Block> kept) {
  Error error{why, why == ErrorCode::kCancelled ? "cancelled" : "Request timeout"};
  if (!frame.started()) return {std::move(error), false, false};
  abandoned_[id] = std::move(kept);
  const bool told =
      frame.done() && session_.server().cancel &&
      session_.cancel(next_id(), id).send_some(socket_.get()).kind == IoResult::Kind::kOk;
  if (!told) socket_.reset();
  return {std::move(error), false, true};
}

// A manager that refuses a frame says why and closes; the reason may be waiting to be read.
std::optional<Error> BlockingLink::parting_words() {
  std::vector<UniqueFd> fds;
  for (;;) {
    const IoResult got = receive(socket_.get(), reader_.prepare(), fds);
    if (got.kind != IoResult::Kind::kOk || !reader_.commit(got.bytes)) return std::nullopt;
    while (const auto payload = reader_.next()) {
      const auto incoming = session_.decode(*payload);
      if (incoming && incoming->kind == Incoming::Kind::kOrphan) return error_in(incoming->body);
    }
  }
}

std::variant<Incoming, BlockingLink::Failure> BlockingLink::exchange(OutFrame frame,
                                                                     std::uint64_t id,
                                                                     const Limits& limits,
                                                                     const OnEvent& on_event,
                                                                     std::shared_ptr<Block> kept) {
  auto outcome = drive(frame, id, limits, on_event, kept);
  const bool failed = std::holds_alternative<Failure>(outcome);
  if (failed && kept != nullptr && frame.started() && !open()) arena_.retire(*kept->region());
  return outcome;
}

std::variant<Incoming, BlockingLink::Failure> BlockingLink::drive(
    OutFrame& frame, std::uint64_t id, const Limits& limits, const OnEvent& on_event,
    const std::shared_ptr<Block>& kept) {
  const Interrupt interrupt(limits.stop);
  std::vector<UniqueFd> unexpected;
  for (;;) {
    if (!frame.done()) {
      const IoResult sent = frame.send_some(socket_.get());
      if (sent.kind == IoResult::Kind::kError) {
        if (auto words = parting_words()) return close(std::move(*words), false, false);
        return close(connection_lost(sent.error), true, false);
      }
    }
    const short events = frame.done() ? POLLIN : POLLIN | POLLOUT;
    const Wake wake = wait(events, limits, interrupt.fd());
    if (wake != Wake::kReady) {
      const auto why =
          wake == Wake::kStopped ? ErrorCode::kCancelled : ErrorCode::kDeadlineExceeded;
      return abandon(why, frame, id, kept);
    }
    const IoResult got = receive(socket_.get(), reader_.prepare(), unexpected);
    unexpected.clear();
    if (got.kind == IoResult::Kind::kWouldBlock) continue;
    if (got.kind != IoResult::Kind::kOk)
      return close(connection_lost(got.error), true, frame.done());
    if (auto framed = reader_.commit(got.bytes); !framed) {
      return close(std::move(framed.error()), false, frame.done());
    }
    while (auto payload = reader_.next()) {
      auto taken = take(std::move(*payload), id, frame.done());
      if (auto* failure = std::get_if<Failure>(&taken)) return std::move(*failure);
      auto* incoming = std::get_if<Incoming>(&taken);
      if (incoming == nullptr) continue;
      if (incoming->kind != Incoming::Kind::kEvent) return std::move(*incoming);
      if (on_event && !on_event(incoming->body.at("event").get_object())) {
        return abandon(ErrorCode::kCancelled, frame, id, kept);
      }
    }
  }
}

}  // namespace npu::client
