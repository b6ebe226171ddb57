#include "manager/clients/connection.hpp"

#include <algorithm>
#include <utility>

#include <poll.h>

#include "base/unix_socket.hpp"

namespace npu::manager {
namespace {

constexpr std::size_t kLargeFrame = std::size_t{64} << 10;
constexpr std::size_t kMaxWaitingFds = 64;
constexpr Duration kIdleAfter = std::chrono::seconds(10);
// What is expected, in bytes a second, of who sends while others wait for memory, and of who has
// replies to read.
constexpr std::size_t kLeastSent = std::size_t{1} << 20;
constexpr std::size_t kLeastRead = std::size_t{16} << 10;
constexpr Duration kStallAllowed = std::chrono::seconds(10);
// A socket takes more only when three quarters of what it holds were read: 160 KB, at kLeastRead.
constexpr Duration kLately = std::chrono::seconds(10);

// True for as long as this lives.
class Marked {
 public:
  explicit Marked(bool& flag) : flag_(flag) { flag_ = true; }
  ~Marked() { flag_ = false; }
  Marked(const Marked&) = delete;
  Marked& operator=(const Marked&) = delete;

 private:
  bool& flag_;
};

}  // namespace

Connection::Connection(Owner& owner, WatchedFd socket, Admission admission, std::size_t max_message,
                       Shared shared)
    : owner_(owner),
      client_(std::move(admission.client)),
      place_(std::make_shared<ClientQuota::Hold>(std::move(admission.place))),
      unread_(client_.charge({})),
      socket_(std::move(socket)),
      max_message_(max_message),
      shared_(shared) {}

Connection::~Connection() {
  if (socket_.is_open()) close_connection(UniqueFd(socket_.release()), client_.user());
}

void Connection::start() {
  last_used_ = shared_.clock.now();
  watch_for_hangup();
  pump();
}

std::unique_ptr<wire::FrameReader> Connection::new_reader() {
  return std::make_unique<wire::FrameReader>(
      max_message_, [this](std::size_t bytes) { return make_buffer(bytes); });
}

wire::Buffer Connection::make_buffer(std::size_t bytes) {
  if (bytes < kLargeFrame) return {};
  InFrame frame;
  frame.share =
      shared_.budget.take(bytes, client_, owner_.keep_alive(), [this](PayloadBudget::Share share) {
        if (!large_.empty()) large_.back().share = std::move(share);
        waits_for_memory_ = false;
        resume();
      });
  waits_for_memory_ = frame.share == nullptr;
  if (into_slabs_ && !waits_for_memory_) {
    auto hold = client_.take({{Held::kSlabs}});
    auto slab = hold ? shared_.slabs.take(bytes, std::move(*hold)) : fail(hold.error());
    if (slab) frame.slab = std::move(*slab);
  }
  large_.push_back(frame);
  if (!frame.slab) return {};
  return {frame.slab, frame.slab->bytes().first(bytes)};
}

void Connection::arm_read() {
  if (read_armed_ || readable_ || waits_for_memory_ || eof_ || !open_) return;
  read_armed_ = true;
  socket_.async_wait(WatchedFd::wait_read, [this, alive = owner_.keep_alive()](const auto& error) {
    read_armed_ = false;
    if (error || !open_) return;
    readable_ = true;
    ask_for_turn();
  });
}

void Connection::arm_write() {
  if (write_armed_ || writable_ || !open_) return;
  write_armed_ = true;
  socket_.async_wait(WatchedFd::wait_write, [this, alive = owner_.keep_alive()](const auto& error) {
    write_armed_ = false;
    if (error || !open_) return;
    writable_ = true;
    ask_for_turn();
  });
}

// Whether the turn is now; else it comes.
bool Connection::has_turn() {
  if (waits_for_turn_) return false;
  if (shared_.turns.at_once()) return true;
  waits_for_turn_ = true;
  shared_.turns.wait(client_.user(), {owner_.keep_alive(), this});
  return false;
}

void Connection::ask_for_turn() {
  if (has_turn()) take_turn();
}

void Connection::take_turn() {
  waits_for_turn_ = false;
  if (!open_) return;
  const bool reads = std::exchange(readable_, false);
  const bool writes = std::exchange(writable_, false);
  guarded([&] {
    if (writes) on_writable();
    if (open_) reads ? on_readable() : pump();
  });
  if (writes) owner_.attend_later();
  owner_.on_settled();
}

void Connection::on_writable() {
  const std::size_t sent_before = outbox_.sent_bytes();
  const Outbox::State state = outbox_.flush(socket_.native_handle());
  if (outbox_.sent_bytes() > sent_before) last_read_ = shared_.clock.now();
  count_unread();
  switch (state) {
    case Outbox::State::kBlocked: arm_write(); break;
    case Outbox::State::kBroken: return close("gone");
    case Outbox::State::kIdle: break;
  }
  if (closing_ && outbox_.pending_bytes() == 0) close(close_reason_);
}

// A half-closed client is not gone; one whose socket reports a hang-up is.
void Connection::watch_for_hangup() {
  socket_.async_wait(WatchedFd::wait_error, [this, alive = owner_.keep_alive()](const auto& error) {
    if (error || !open_) return;
    const short now = poll_now(socket_.native_handle(), POLLPRI);
    if (now == 0) return watch_for_hangup();
    close((now & (POLLHUP | POLLERR)) != 0 ? "gone" : "sent urgent data");
    owner_.on_settled();
  });
}

void Connection::on_readable() {
  if (!reader_) reader_ = new_reader();
  if (waits_for_memory_) return;
  if (PassedFd::closing_of(client_.user()) >= PassedFd::kMostClosing) {
    waits_for_closing_ = true;
    return;
  }
  std::vector<UniqueFd> passed;
  const IoResult got = receive(socket_.native_handle(), reader_->prepare(), passed);
  for (UniqueFd& fd : passed) keep(PassedFd(std::move(fd), client_.user()));
  switch (got.kind) {
    case IoResult::Kind::kWouldBlock: return arm_read();
    case IoResult::Kind::kError: return close("gone");
    case IoResult::Kind::kEof: return end_of_stream();
    case IoResult::Kind::kOk: break;
  }
  last_used_ = shared_.clock.now();
  received_ += got.bytes;
  if (fds_.size() > kMaxWaitingFds) return close("sent too many descriptors");
  if (auto fine = reader_->commit(got.bytes); !fine) {
    owner_.on_unreceivable(fine.error());
    return;
  }
  pump();
}

void Connection::end_of_stream() {
  eof_ = true;
  if (poll_now(socket_.native_handle(), 0) != 0) return close("gone");
  pump();
}

void Connection::resume() {
  if (!open_ || pumping_ || waits_for_turn_) return;
  guarded([this] {
    const bool takes_one =
        reader_ && reader_->has_payload() && !closing_ && owner_.ready_for_frame();
    if (!takes_one || has_turn()) pump();
  });
}

// One, and more while its turns come at once. True where there is no whole frame any more.
bool Connection::take_frames() {
  const Marked taking(pumping_);
  bool exhausted = reader_ == nullptr;
  for (bool first = true; open_ && !closing_ && !exhausted && owner_.ready_for_frame();
       first = false) {
    if (!first && reader_->has_payload() && !has_turn()) break;
    auto payload = reader_->next();
    exhausted = !payload;
    if (exhausted) break;
    InFrame frame{std::move(*payload), nullptr, nullptr};
    if (frame.payload.bytes.size() >= kLargeFrame) {
      frame.share = std::move(large_.front().share);
      frame.slab = std::move(large_.front().slab);
      large_.erase(large_.begin());
    }
    owner_.on_frame(std::move(frame));
  }
  return exhausted;
}

void Connection::pump() {
  if (!take_frames() || !open_ || closing_) return;
  check_claims();
  if (!open_) return;
  if (eof_) {
    if (owner_.idle() && outbox_.pending_bytes() == 0) close("end of stream");
    return;
  }
  arm_read();
}

// A descriptor comes with the first byte of the frame that claims it.
void Connection::check_claims() {
  if (!fds_.empty() && reader_ && reader_->at_boundary() && owner_.idle())
    close("sent an unclaimed descriptor");
}

void Connection::keep(PassedFd fd) {
  auto hold = client_.take({{Held::kDescriptors}});
  if (hold) {
    fds_.emplace_back(CountedFd{std::move(fd), std::move(*hold)});
  } else {
    fds_.emplace_back(fail(std::move(hold.error())));
  }
}

std::optional<Result<CountedFd>> Connection::take_fd() {
  if (fds_.empty()) return std::nullopt;
  auto passed = std::move(fds_.front());
  fds_.erase(fds_.begin());
  return passed;
}

void Connection::send(OutMessage message) {
  if (!open_ || closing_) return;
  last_used_ = message.since = shared_.clock.now();
  if (outbox_.pending_bytes() == 0) reading_.begin(message.since, outbox_.sent_bytes());
  const Outbox::State state = outbox_.push(socket_.native_handle(), std::move(message));
  count_unread();
  switch (state) {
    case Outbox::State::kIdle: return;
    case Outbox::State::kBroken: return close("gone");
    case Outbox::State::kBlocked: break;
  }
  arm_write();
}

void Connection::close_when_sent() {
  closing_ = true;
  close_reason_ = "protocol error";
  if (outbox_.pending_bytes() == 0) close(close_reason_);
}

void Connection::close(std::string_view why) {
  if (!open_) return;
  open_ = false;
  close_reason_ = why;
  count_unread();
  owner_.attend_later();
}

void Connection::count_unread() {
  unread_.change(Held::kBytesUnread, open_ ? outbox_.pending_bytes() : 0);
}

SteadyTime Connection::idle_since() const {
  const bool between = !reader_ || reader_->at_boundary();
  return open_ && between && !waits_for_turn_ && owner_.idle() && outbox_.pending_bytes() == 0
             ? last_used_
             : SteadyTime::max();
}

bool Connection::is_being_read() const {
  const bool lately = last_read_ && shared_.clock.now() - *last_read_ < kLately;
  return lately && outbox_.pending_bytes() > 0;
}

// Where the client has gone there is nobody who waits for an answer.
bool Connection::has_unreceived() {
  return (poll_now(socket_.native_handle(), POLLIN) & (POLLIN | POLLHUP)) == POLLIN;
}

void Connection::finish_close() {
  if (std::exchange(closed_told_, true)) return;
  close_connection(UniqueFd(socket_.release()), client_.user());
  place_.reset();
  outbox_ = {};
  large_.clear();
  fds_.clear();
  owner_.on_closed();
}

void Connection::tidy(Duration write_timeout, bool memory_wanted) {
  if (!open_) return owner_.attend_later();
  if (std::exchange(waits_for_closing_, false)) arm_read();
  const SteadyTime now = shared_.clock.now();
  if (outbox_.pending_bytes() > 0 &&
      reading_.is_lost(kLeastRead, write_timeout, now, outbox_.sent_bytes())) {
    return close("does not read its replies");
  }
  const bool filling = !large_.empty() && reader_ && !reader_->at_boundary() && !waits_for_memory_;
  if (!memory_wanted || !filling || !owner_.ready_for_frame()) {
    sending_.begin(now, received_);
  } else if (sending_.is_lost(kLeastSent, kStallAllowed, now, received_)) {
    return close("is slow in the middle of a message while others wait for memory");
  }
  if (reader_ && reader_->at_boundary() && owner_.idle() && now - last_used_ > kIdleAfter)
    reader_.reset();
}

}  // namespace npu::manager
