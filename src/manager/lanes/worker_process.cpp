#include "manager/lanes/worker_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <span>
#include <system_error>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/sanitized.hpp"
#include "base/unix_socket.hpp"
#include "manager/lanes/low_descriptors.hpp"
#include "manager/settings/installed.hpp"

namespace npu::manager {
namespace {

constexpr int kLinkFd = 3;
constexpr int kLastWordsFd = 4;
constexpr std::size_t kMostLastWords = 40;  // bytes

std::string error_text(int error) { return std::generic_category().message(error); }

// A copy of this process but for the descriptors, which it shares until it wants its own. Returns
// here when it has become another program.
pid_t fork_sharing_descriptors() {
  if (!kSanitized) {
    const long pid = ::syscall(SYS_clone, CLONE_FILES | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
    if (pid >= 0 || errno != EINVAL) return static_cast<pid_t>(pid);
  }
  return ::fork();  // also under qemu-user, where only threads share descriptors
}

// In the child, before it opens or closes anything. It gets copies of what the manager has opened
// below LowDescriptors::kEnd, and of none that a client passed, nor ever has to close one.
bool have_own_descriptors(int link, int life) {
  const auto end = static_cast<unsigned>(std::max({link, life, LowDescriptors::kEnd - 1})) + 1;
  if (::close_range(end, ~0U, CLOSE_RANGE_UNSHARE) == 0) return true;
  // Under qemu-user. What the others would have cost is paid by exec, which closes them.
  return errno == ENOSYS && ::unshare(CLONE_FILES) == 0;
}

// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void become_worker(int link, int life, pid_t parent, char* const* arguments) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent || !have_own_descriptors(link, life)) ::_exit(127);
  ::setpgid(0, 0);  // a Ctrl-C meant for the manager must not end running work
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD}) ::signal(signal, SIG_DFL);
  // Where memory runs out, losing a worker costs a retry and losing the manager costs everybody.
  if (const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); score >= 0) {
    [[maybe_unused]] const ssize_t written = ::write(score, "300", 3);
    ::close(score);
  }
  if (const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC); null >= 0) ::dup2(null, 0);
  const int kept = ::fcntl(life, F_DUPFD_CLOEXEC, kLastWordsFd + 1);
  if (kept < 0) ::_exit(127);
  if (link == kLinkFd) {
    ::fcntl(link, F_SETFD, 0);
  } else if (::dup2(link, kLinkFd) < 0) {
    ::_exit(127);
  }
  if (::dup2(kept, kLastWordsFd) < 0) ::_exit(127);  // open for as long as the worker lives
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

// The name of a system call. It comes from a process that does what it may not.
std::string last_words(int pipe) {
  std::array<char, kMostLastWords> text{};
  if ((poll_now(pipe, POLLIN) & POLLIN) == 0) return {};
  const ssize_t size = ::read(pipe, text.data(), text.size());
  const auto is_of_a_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const auto words = std::span(text).first(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return {words.begin(), std::ranges::find_if_not(words, is_of_a_name)};
}

std::string describe(int status, const std::string& denied) {
  if (!denied.empty()) return fmt::format("ended because it tried {}, which it may not", denied);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
    return "ended because of a system call that it may not make (signal 31)";
  }
  if (WIFEXITED(status)) return fmt::format("exited with status {}", WEXITSTATUS(status));
  return fmt::format("killed by signal {}", WTERMSIG(status));
}

class ChildProcess final : public WorkerProcess, public std::enable_shared_from_this<ChildProcess> {
 public:
  ChildProcess(boost::asio::io_context& io, pid_t pid, WatchedFd life, Duration patience)
      : life_(std::move(life)),
        child_signals_(io, SIGCHLD),
        patience_timer_(io),
        pid_(pid),
        patience_(patience) {}
  ~ChildProcess() override;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void on_exit(std::function<void(std::string)> callback) override {
    on_exit_ = std::move(callback);
    wait();
  }
  void on_stuck(std::function<void(std::string)> callback) override {
    on_stuck_ = std::move(callback);
  }
  void kill() override;
  pid_t pid() const override { return pid_; }

 private:
  void wait();
  void reap();
  void arm_patience();

  WatchedFd life_;  // at its end when the process is
  boost::asio::signal_set child_signals_;
  boost::asio::steady_timer patience_timer_;
  pid_t pid_;
  Duration patience_;
  bool killed_ = false;
  bool reaped_ = false;
  std::function<void(std::string)> on_exit_;
  std::function<void(std::string)> on_stuck_;
};

ChildProcess::~ChildProcess() {
  if (reaped_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, WNOHANG);
}

void ChildProcess::wait() {
  life_.async_wait(WatchedFd::wait_read,
                   [self = shared_from_this()](const boost::system::error_code& error) {
                     if (error) return;
                     if (poll_now(self->life_.native_handle(), POLLIN) == 0) return self->wait();
                     self->kill();  // changes nothing for one that has ended
                     self->reap();
                   });
}

// Without memory it may still be busy giving back what it had of the device.
void ChildProcess::reap() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) {
    child_signals_.async_wait(
        [self = shared_from_this()](const boost::system::error_code& error, int) {
          if (!error) self->reap();
        });
    return;
  }
  reaped_ = true;
  patience_timer_.cancel();
  child_signals_.cancel();
  on_stuck_ = nullptr;
  const auto callback = std::exchange(on_exit_, nullptr);
  if (callback) callback(describe(status, last_words(life_.native_handle())));
}

void ChildProcess::kill() {
  if (reaped_) return;
  ::kill(pid_, SIGKILL);
  if (!std::exchange(killed_, true)) arm_patience();
}

void ChildProcess::arm_patience() {
  patience_timer_.expires_after(patience_);
  patience_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->reaped_) return;
    const auto callback = std::exchange(self->on_stuck_, nullptr);
    if (callback) {
      callback(fmt::format(
          "pid {} does not end although it was killed; it hangs in the kernel, where the "
          "device's driver or the device does not answer",
          self->pid_));
    }
  });
}

bool executable(const std::filesystem::path& path) { return ::access(path.c_str(), X_OK) == 0; }

}  // namespace

Result<std::string> find_worker(const std::string& configured) {
  std::vector<std::filesystem::path> places;
  if (!configured.empty()) {
    places.emplace_back(configured);
  } else {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error) places.push_back(self.parent_path() / "hailo-device-worker");
    places.push_back(std::filesystem::path(installed_libexec_dir()) / "hailo-device-worker");
  }
  for (const auto& place : places) {
    if (executable(place)) return place.string();
  }
  return fail(
      ErrorCode::kUnavailable,
      fmt::format("the worker program {} is missing or not executable", places.back().string()));
}

Result<WorkerProcess::Spawned> WorkerProcess::spawn(boost::asio::io_context& io,
                                                    const std::string& program,
                                                    const std::vector<std::string>& arguments,
                                                    Duration patience) {
  auto pair = unix_pair();
  if (!pair) return fail(pair.error());
  if (auto ready = set_nonblocking(pair->first.get(), true); !ready) return fail(ready.error());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(ErrorCode::kUnavailable, "cannot watch a worker: " + error_text(errno));
  }
  UniqueFd life_end = moved_up(UniqueFd(ends[0]));
  UniqueFd link_end = moved_up(std::move(pair->first));
  const UniqueFd workers_end(ends[1]);
  auto life = watch(io, life_end);
  auto link = watch(io, link_end);
  if (!life || !link) return fail(life ? link.error() : life.error());
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t parent = ::getpid();
  const pid_t pid = fork_sharing_descriptors();
  if (pid < 0) return fail(ErrorCode::kUnavailable, "cannot start a worker: " + error_text(errno));
  if (pid == 0) become_worker(pair->second.get(), workers_end.get(), parent, argv.data());
  auto process = std::make_shared<ChildProcess>(io, pid, std::move(*life), patience);
  return Spawned{std::move(process), std::move(*link)};
}

}  // namespace npu::manager
