#include "confine/denial.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <seccomp.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/log.hpp"

namespace npu::confine {
namespace {

constexpr int kCalls = 512;  // numbers of system calls end below
constexpr int kMostLines = 32;
constexpr std::size_t kMostName = 40;
constexpr std::size_t kMostPath = 200;

constexpr const char* kNeverInGoodFaith[] = {"execve",
                                             "execveat",
                                             "fork",
                                             "vfork",
                                             "clone",
                                             "ptrace",
                                             "process_vm_readv",
                                             "process_vm_writev",
                                             "process_madvise",
                                             "pidfd_open",
                                             "pidfd_getfd",
                                             "pidfd_send_signal",
                                             "kcmp",
                                             "kill",
                                             "tkill",
                                             "tgkill",
                                             "rt_sigqueueinfo",
                                             "rt_tgsigqueueinfo",
                                             "bpf",
                                             "perf_event_open",
                                             "add_key",
                                             "keyctl",
                                             "request_key",
                                             "mount",
                                             "umount2",
                                             "move_mount",
                                             "open_tree",
                                             "fsopen",
                                             "fsmount",
                                             "pivot_root",
                                             "chroot",
                                             "setns",
                                             "unshare",
                                             "init_module",
                                             "finit_module",
                                             "delete_module",
                                             "kexec_load",
                                             "kexec_file_load",
                                             "reboot",
                                             "swapon",
                                             "swapoff",
                                             "setuid",
                                             "setgid",
                                             "setreuid",
                                             "setregid",
                                             "setresuid",
                                             "setresgid",
                                             "setgroups",
                                             "capset",
                                             "iopl",
                                             "ioperm",
                                             "open_by_handle_at",
                                             "mknod",
                                             "mknodat",
                                             "listen",
                                             "accept",
                                             "accept4"};
constexpr const char* kOpenings[] = {"open", "openat", "openat2", "creat"};

// Everything that the handler reads is made before it can be called: it may use neither the heap
// nor a lock.
struct Table {
  enum class Kind : char { kUnknown, kOpensFirst, kOpensSecond, kSocket, kFatal };
  std::array<std::array<char, kMostName>, kCalls> names{};
  std::array<Kind, kCalls> kinds{};
  int last_words = -1;
  std::atomic<int> lines_left{kMostLines};
};
Table table;

void name_calls() {
  for (int number = 0; number < kCalls; ++number) {
    char* name = ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    const std::string_view text = name != nullptr ? name : "a system call";
    std::copy_n(text.data(), std::min(text.size(), kMostName - 1),
                table.names[static_cast<std::size_t>(number)].begin());
    std::free(name);
  }
}

void set_kind(const char* name, Table::Kind kind) {
  const int number = ::seccomp_syscall_resolve_name(name);
  if (number >= 0 && number < kCalls) table.kinds[static_cast<std::size_t>(number)] = kind;
}

struct Arguments {
  const char* first;
  const char* second;
};

Arguments arguments_in(const mcontext_t& machine) {
#if defined(__x86_64__)
  return {reinterpret_cast<const char*>(machine.gregs[REG_RDI]),
          reinterpret_cast<const char*>(machine.gregs[REG_RSI])};
#elif defined(__aarch64__)
  return {reinterpret_cast<const char*>(machine.regs[0]),
          reinterpret_cast<const char*>(machine.regs[1])};
#else
#error "say here where this architecture keeps the arguments of a system call"
#endif
}

void answer(mcontext_t& machine, int error) {
#if defined(__x86_64__)
  machine.gregs[REG_RAX] = -error;
#elif defined(__aarch64__)
  machine.regs[0] = static_cast<unsigned long long>(-static_cast<long long>(error));
#endif
}

// A line of fixed size. What a process that was taken over writes into it stays one line.
class Line {
 public:
  void add(std::string_view text) {
    for (const char c : text) {
      if (size_ < text_.size()) text_[size_++] = c >= ' ' && c != 0x7f ? c : '?';
    }
  }
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, kMostName + kMostPath + 80> text_{};
  std::size_t size_ = 0;
};

void tell(std::string_view name, const char* path, bool fatal) {
  if (table.lines_left.fetch_sub(1) <= 0) return;
  Line line;
  line.add("confinement: ");
  line.add(name);
  if (path != nullptr) {
    line.add(" of ");
    line.add({path, ::strnlen(path, kMostPath)});
  }
  line.add(fatal ? " is denied and ends this process" : " is denied");
  log::write_from_signal_handler(fatal ? log::Level::kError : log::Level::kWarning, line.text());
}

[[noreturn]] void end(std::string_view name) {
  if (table.last_words >= 0) {
    [[maybe_unused]] const auto written = ::write(table.last_words, name.data(), name.size());
  }
  std::signal(SIGSYS, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, SIGSYS);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), SIGSYS);
  ::_exit(128 + SIGSYS);
}

void denied(int, siginfo_t* info, void* context) {
  const int saved = errno;
  auto& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
  const Arguments call = arguments_in(machine);
  const auto number = static_cast<std::size_t>(info->si_syscall);
  const bool known = number < kCalls;
  const std::string_view name = known ? table.names[number].data() : "a system call";
  const auto kind = known ? table.kinds[number] : Table::Kind::kUnknown;
  if (kind == Table::Kind::kFatal) {
    tell(name, nullptr, true);
    end(name);
  }
  const bool opens = kind == Table::Kind::kOpensFirst || kind == Table::Kind::kOpensSecond;
  const char* path = kind == Table::Kind::kOpensFirst ? call.first : call.second;
  tell(name, opens ? path : nullptr, false);
  answer(machine, opens || kind == Table::Kind::kSocket ? EACCES : ENOSYS);
  errno = saved;
}

}  // namespace

void watch_denied_calls(int last_words) {
  name_calls();
  for (const char* name : kNeverInGoodFaith) set_kind(name, Table::Kind::kFatal);
  for (const char* name : kOpenings) {
    const bool first = std::string_view(name) == "open" || std::string_view(name) == "creat";
    set_kind(name, first ? Table::Kind::kOpensFirst : Table::Kind::kOpensSecond);
  }
  for (const char* name : {"socket", "socketpair", "connect", "bind"}) {
    set_kind(name, Table::Kind::kSocket);
  }
  table.last_words = last_words;
  struct sigaction action{};
  action.sa_sigaction = denied;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGSYS, &action, nullptr);
}

}  // namespace npu::confine
