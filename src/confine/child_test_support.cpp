#include "confine/child_test_support.hpp"

#include <array>
#include <cstdio>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "confine/confine.hpp"
#include "confine/landlock.hpp"

namespace npu::confine {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    out = UniqueFd(ends[0]);
    in = UniqueFd(ends[1]);
  }
  // What was written into it, once all who may are gone.
  std::string text() {
    in.reset();
    std::string all;
    std::array<char, 4096> some{};
    for (ssize_t size = 0; (size = ::read(out.get(), some.data(), some.size())) > 0;) {
      all.append(some.data(), static_cast<std::size_t>(size));
    }
    return all;
  }
  UniqueFd out;
  UniqueFd in;
};

constexpr int kNotConfined = 255;

Ended in_child_after(const std::function<bool(int last_words)>& confine,
                     const std::function<int()>& piece) {
  Pipe log;
  Pipe words;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(log.in.get(), STDERR_FILENO);
    log::init("test", log::Level::kInfo);
    ::_exit(confine(words.in.get()) ? piece() : kNotConfined);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), log.text(), words.text()};
}

}  // namespace

Ended confined(const Rules& rules, const std::function<int()>& piece) {
  return in_child_after([&](int words) { return restrict_process(rules, words).has_value(); },
                        piece);
}

Ended with_files_restricted(const Rules& rules, const std::function<int()>& piece) {
  return in_child_after([&](int) { return restrict_files(rules).has_value(); }, piece);
}

Ended in_child(const std::function<int()>& piece) {
  return in_child_after([](int) { return true; }, piece);
}

bool kernel_has_landlock() {
  return ::syscall(landlock::kCreateRuleset, nullptr, 0, landlock::kAskVersion) > 0;
}

}  // namespace npu::confine
