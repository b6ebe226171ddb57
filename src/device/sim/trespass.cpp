#include "device/sim/trespass.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"

namespace npu::device::sim {
namespace {

int opened(const char* path, int flags) {
  const UniqueFd fd(::open(path, flags | O_CLOEXEC, 0600));
  return fd ? 0 : -1;
}

int connected() {
  const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!tcp) return -1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(9);
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  const int done =
      ::connect(tcp.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return done == 0 || errno == EINPROGRESS || errno == ECONNREFUSED ? 0 : -1;
}

int forked() {
  const auto child = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (child == 0) ::_exit(0);
  return child < 0 ? -1 : ::waitpid(child, nullptr, 0);
}

int executed() {
  static char* const kArguments[] = {const_cast<char*>("true"), nullptr};
  return ::execv("/bin/true", kArguments);
}

int traced() {
  const pid_t manager = ::getppid();
  if (::ptrace(PTRACE_ATTACH, manager, nullptr, nullptr) != 0) return -1;
  ::waitpid(manager, nullptr, __WALL);
  return static_cast<int>(::ptrace(PTRACE_DETACH, manager, nullptr, nullptr));
}

int attempted(Trespass attempt) {
  switch (attempt) {
    case Trespass::kOpen: return opened("/etc/shadow", O_RDONLY);
    case Trespass::kWrite: return opened("/tmp", O_TMPFILE | O_RDWR);
    case Trespass::kConnect: return connected();
    case Trespass::kFork: return forked();
    case Trespass::kExec: return executed();
    case Trespass::kPtrace: return traced();
    case Trespass::kKill: return ::kill(::getppid(), 0);
  }
  return 0;
}

}  // namespace

Status trespass(Trespass attempt) {
  if (attempted(attempt) >= 0) return {};
  return fail(ErrorCode::kInternal, fmt::format("a simulated trespass was denied: {}",
                                                std::generic_category().message(errno)));
}

}  // namespace npu::device::sim
