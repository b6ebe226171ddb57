#include "manager/clients/passed_fd.hpp"

#include <compare>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace npu::manager {
namespace {

constexpr std::size_t kMostThreads = 4;           // of one user, for each kind
constexpr timespec kLongestLinger{0, 1'000'000};  // what a signal can interrupt ends then
constexpr int kInterrupt = SIGUSR1;

// Closing what was passed may ask a file's server and hang where no signal ends it. Closing a
// connection never asks one for what lies in it: it waits for sockets that linger, until a signal
// comes. So the second is not to wait behind the first.
enum class Kind { kPassed, kConnection };

struct Whose {
  uid_t user;
  Kind kind;
  auto operator<=>(const Whose&) const = default;
};

// Interrupts the calling thread again and again for as long as this lives.
class Interrupts {
 public:
  Interrupts() {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = kInterrupt;
    event._sigev_un._tid = ::gettid();
    made_ = ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
    const itimerspec period{kLongestLinger, kLongestLinger};
    if (made_) ::timer_settime(timer_, 0, &period, nullptr);
  }
  ~Interrupts() {
    if (made_) ::timer_delete(timer_);
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

 private:
  timer_t timer_{};
  bool made_ = false;
};

// Threads that live as long as there is something to close; what hangs holds up one of them, and
// nobody but who passed it.
class Closer {
 public:
  Closer() {
    struct sigaction nothing{};
    nothing.sa_handler = [](int) {};
    ::sigaction(kInterrupt, &nothing, nullptr);
  }

  void close(UniqueFd fd, Whose whose) {
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_[whose];
    lane.waiting.push_back(std::move(fd));
    if (lane.threads < kMostThreads) start_thread(whose, lane);
  }

  std::size_t closing_of(uid_t user) {
    const std::lock_guard lock(mutex_);
    const auto found = lanes_.find({user, Kind::kPassed});
    return found == lanes_.end() ? 0 : found->second.closing();
  }

  std::map<uid_t, std::size_t> closing() {
    const std::lock_guard lock(mutex_);
    std::map<uid_t, std::size_t> of_users;
    for (const auto& [whose, lane] : lanes_) of_users[whose.user] += lane.closing();
    return of_users;
  }

  std::size_t connections() {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (auto& [whose, lane] : lanes_) {
      if (whose.kind != Kind::kConnection) continue;
      if (lane.threads == 0) start_thread(whose, lane);
      count += lane.closing();
    }
    return count;
  }

 private:
  struct Lane {
    std::deque<UniqueFd> waiting;
    std::size_t threads = 0;  // each closes one
    std::size_t closing() const { return waiting.size() + threads; }
  };

  // Without a thread all stays open until the next attempt.
  void start_thread(Whose whose, Lane& lane) {
    try {
      std::thread([this, whose] { run(whose); }).detach();
      ++lane.threads;
    } catch (const std::system_error&) {
    }
  }

  void run(Whose whose) {
    const Interrupts interrupts;
    std::unique_lock lock(mutex_);
    Lane& lane = lanes_[whose];
    while (!lane.waiting.empty()) {
      UniqueFd fd = std::move(lane.waiting.front());
      lane.waiting.pop_front();
      lock.unlock();
      fd.reset();
      lock.lock();
    }
    if (--lane.threads == 0) lanes_.erase(whose);
  }

  std::mutex mutex_;
  std::map<Whose, Lane> lanes_;
};

// Never destroyed: its threads may outlive everything else.
Closer& closer() {
  static auto* const one = new Closer;
  return *one;
}

}  // namespace

PassedFd::~PassedFd() {
  const bool is_memory = !fd_ || ::fcntl(fd_.get(), F_GET_SEALS) >= 0;
  if (!is_memory) closer().close(std::move(fd_), {user_, Kind::kPassed});
}

void close_connection(UniqueFd socket, uid_t user) {
  ::shutdown(socket.get(), SHUT_RDWR);  // nothing more comes
  int unread = 0;
  const bool is_empty = ::ioctl(socket.get(), FIONREAD, &unread) == 0 && unread == 0;
  if (!is_empty) closer().close(std::move(socket), {user, Kind::kConnection});
}

void close_listening(UniqueFd socket) {
  closer().close(std::move(socket), {::geteuid(), Kind::kConnection});
}

std::size_t PassedFd::closing_of(uid_t user) { return closer().closing_of(user); }

std::map<uid_t, std::size_t> descriptors_closing() { return closer().closing(); }

std::size_t connections_closing() { return closer().connections(); }

}  // namespace npu::manager
