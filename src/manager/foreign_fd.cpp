#include "manager/foreign_fd.hpp"

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

constexpr std::size_t kMostThreads = 4;           // of one user
constexpr timespec kLongestLinger{0, 5'000'000};  // what a signal can interrupt ends then
constexpr int kInterrupt = SIGUSR1;

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

  void close(UniqueFd fd, uid_t user) {
    const std::lock_guard lock(mutex_);
    User& of = users_[user];
    of.waiting.push_back(std::move(fd));
    if (of.threads == kMostThreads) return;
    try {
      std::thread([this, user] { run(user); }).detach();
      ++of.threads;
    } catch (const std::system_error&) {
      // Without a thread it stays open until the next one is passed.
    }
  }

  std::size_t closing_of(uid_t user) {
    const std::lock_guard lock(mutex_);
    const auto found = users_.find(user);
    return found == users_.end() ? 0 : found->second.waiting.size() + found->second.threads;
  }

 private:
  struct User {
    std::deque<UniqueFd> waiting;
    std::size_t threads = 0;  // each closes one
  };

  void run(uid_t user) {
    const Interrupts interrupts;
    std::unique_lock lock(mutex_);
    User& of = users_[user];
    while (!of.waiting.empty()) {
      UniqueFd fd = std::move(of.waiting.front());
      of.waiting.pop_front();
      lock.unlock();
      fd.reset();
      lock.lock();
    }
    if (--of.threads == 0) users_.erase(user);
  }

  std::mutex mutex_;
  std::map<uid_t, User> users_;
};

// Never destroyed: its threads may outlive everything else.
Closer& closer() {
  static auto* const one = new Closer;
  return *one;
}

}  // namespace

ForeignFd::~ForeignFd() {
  const bool is_memory = !fd_ || ::fcntl(fd_.get(), F_GET_SEALS) >= 0;
  if (!is_memory) closer().close(std::move(fd_), user_);
}

void close_connection(UniqueFd socket, uid_t user) {
  ::shutdown(socket.get(), SHUT_RDWR);  // nothing more comes
  int unread = 0;
  const bool is_empty = ::ioctl(socket.get(), FIONREAD, &unread) == 0 && unread == 0;
  if (!is_empty) closer().close(std::move(socket), user);
}

std::size_t ForeignFd::closing_of(uid_t user) { return closer().closing_of(user); }

}  // namespace npu::manager
