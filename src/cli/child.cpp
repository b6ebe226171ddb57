#include "cli/child.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"

namespace npu::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostErrors = 4096;
constexpr std::size_t kMostOutput = std::size_t{64} << 20;
constexpr std::chrono::seconds kToDie{5};

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

std::optional<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000'000));
}

// The exit of a process, awaited by a thread, because a process that is stuck in the kernel cannot
// be waited for with a deadline.
class Exit {
 public:
  explicit Exit(pid_t pid) : state_(std::make_shared<State>()) {
    std::thread([pid, state = state_] {
      int status = 0;
      while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
      }
      const std::lock_guard lock(state->mutex);
      state->status = status;
      state->changed.notify_all();
    }).detach();
  }
  std::optional<int> wait_until(Clock::time_point deadline) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_until(lock, deadline, [&] { return state_->status.has_value(); });
    return state_->status;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<int> status;
  };
  std::shared_ptr<State> state_;
};

// False at the end of the stream.
bool take(int fd, std::string& text, std::size_t most) {
  char buffer[4096];
  const ssize_t got = ::read(fd, buffer, sizeof(buffer));
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  text.append(buffer, static_cast<std::size_t>(got));
  if (text.size() > most) text.erase(0, text.size() - most);
  return true;
}

// False where the deadline passed before both streams ended.
bool collect(Pipe& output, Pipe& errors, Clock::time_point deadline, ChildResult& result) {
  pollfd fds[2] = {{output.read.get(), POLLIN, 0}, {errors.read.get(), POLLIN, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    const int ready = ::poll(fds, 2, milliseconds_until(deadline));
    if (ready == 0) return false;
    if (ready < 0 && errno != EINTR) return false;
    if (ready < 0) continue;
    if (fds[0].revents != 0 && !take(fds[0].fd, result.output, kMostOutput)) fds[0].fd = -1;
    if (fds[1].revents != 0 && !take(fds[1].fd, result.errors, kMostErrors)) fds[1].fd = -1;
  }
  return true;
}

[[noreturn]] void become(const Pipe& output, const Pipe& errors, int nothing, pid_t parent,
                         char* const* words) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output.write.get(), STDOUT_FILENO);
  ::dup2(errors.write.get(), STDERR_FILENO);
  ::execvp(words[0], words);
  ::_exit(127);
}

}  // namespace

Result<ChildResult> run_child(const std::vector<std::string>& words, Millis limit) {
  const auto begin = Clock::now();
  auto output = make_pipe();
  auto errors = make_pipe();
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = output && errors ? ::fork() : -1;
  if (pid < 0) {
    return fail(ErrorCode::kUnavailable, fmt::format("cannot start {}: {}", words[0],
                                                     std::generic_category().message(errno)));
  }
  if (pid == 0) become(*output, *errors, nothing.get(), parent, argv.data());
  output->write.reset();
  errors->write.reset();

  ChildResult result;
  Exit exit(pid);
  const auto deadline = begin + limit;
  std::optional<int> status;
  if (collect(*output, *errors, deadline, result)) status = exit.wait_until(deadline);
  if (!status) {
    ::kill(pid, SIGKILL);
    result.end = exit.wait_until(Clock::now() + kToDie) ? ChildResult::End::kKilled
                                                        : ChildResult::End::kStuck;
  } else if (WIFSIGNALED(*status)) {
    result.end = ChildResult::End::kSignalled;
    result.status = WTERMSIG(*status);
  } else {
    result.status = WEXITSTATUS(*status);
  }
  if (result.end == ChildResult::End::kKilled) collect(*output, *errors, Clock::now(), result);
  result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return result;
}

}  // namespace npu::cli
