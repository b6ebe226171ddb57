#include "confine/system_calls.hpp"

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

namespace npu::confine {
namespace {

// Names, since not every architecture and not every libseccomp has all of them.
constexpr const char* kAlways[] = {
    // memory
    "brk", "madvise", "membarrier", "mincore", "mlock", "mlock2", "mmap", "mprotect", "mremap",
    "msync", "munlock", "munmap", "memfd_create",
    // threads and their waiting
    "exit", "exit_group", "futex", "futex_waitv", "get_robust_list", "gettid", "getpid", "getppid",
    "restart_syscall", "rseq", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_get_priority_max", "sched_get_priority_min", "sched_yield", "set_robust_list",
    "set_tid_address", "getcpu", "arch_prctl",
    // signals
    "alarm", "pause", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn",
    "rt_sigsuspend", "rt_sigtimedwait", "setitimer", "getitimer", "sigaltstack",
    // time and what the machine and the process are
    "clock_getres", "clock_gettime", "clock_nanosleep", "gettimeofday", "nanosleep", "time",
    "times", "getegid", "geteuid", "getgid", "getgroups", "getresgid", "getresuid", "getuid",
    "getpgrp", "getrandom", "getrlimit", "getrusage", "sysinfo", "uname", "getcwd", "umask",
    // descriptors that are there
    "close", "close_range", "dup", "dup2", "dup3", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "fadvise64", "fallocate",
    "fdatasync", "flock", "fstat", "fstatfs", "fsync", "ftruncate", "lseek", "pipe", "pipe2",
    "poll", "ppoll", "pread64", "preadv", "preadv2", "pselect6", "pwrite64", "pwritev", "pwritev2",
    "read", "readahead", "readv", "select", "sendfile", "copy_file_range", "timerfd_create",
    "timerfd_gettime", "timerfd_settime", "write", "writev",
    // the link to the manager
    "getpeername", "getsockname", "getsockopt", "recvfrom", "recvmmsg", "recvmsg", "sendmmsg",
    "sendmsg", "sendto", "setsockopt", "shutdown",
    // what a name is, which Landlock does not hide either
    "access", "faccessat", "faccessat2", "lstat", "newfstatat", "readlink", "readlinkat", "stat",
    "statfs", "statx"};

constexpr const char* kWithFiles[] = {
    "open",       "openat",        "openat2",           "getdents",
    "getdents64", "inotify_init1", "inotify_add_watch", "inotify_rm_watch"};

constexpr const char* kWithWriting[] = {"creat",    "mkdir",     "mkdirat",   "rename",
                                        "renameat", "renameat2", "rmdir",     "truncate",
                                        "unlink",   "unlinkat",  "utimensat", "fchmod"};

// Not the ones that name a process to be signalled (F_SETOWN, F_SETSIG).
constexpr int kFcntl[] = {F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,
                          F_SETFL,     F_GETLK,         F_SETLK,     F_SETLKW,    F_OFD_GETLK,
                          F_OFD_SETLK, F_OFD_SETLKW,    F_ADD_SEALS, F_GET_SEALS, F_GETPIPE_SZ};

constexpr int kPrctl[] = {PR_SET_NAME,         PR_GET_NAME,       PR_GET_DUMPABLE,
                          PR_SET_TIMERSLACK,   PR_GET_TIMERSLACK, PR_GET_SECCOMP,
                          PR_GET_NO_NEW_PRIVS, 0x53564d41 /* PR_SET_VMA, names of memory */};

class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_TRAP), ::seccomp_release) {}

  bool made() const { return context_ != nullptr; }
  Status error() const { return error_; }

  void allow(const char* name, std::initializer_list<scmp_arg_cmp> arguments = {}) {
    add(SCMP_ACT_ALLOW, name, arguments);
  }
  void refuse(const char* name, int error) {
    add(SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), name, {});
  }

  Status load() {
    if (!error_) return error_;
    ::seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (auto ok = check(::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1), "seccomp");
        !ok) {
      return ok;  // threads that are there already would stay free
    }
    ::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree instead of a list
    return check(::seccomp_load(context_.get()), "seccomp");
  }

 private:
  void add(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> arguments) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0 || !error_) return;  // this architecture has no such call
    error_ =
        check(::seccomp_rule_add_array(context_.get(), action, number,
                                       static_cast<unsigned>(arguments.size()), arguments.begin()),
              name);
  }

  static Status check(int result, const char* what) {
    if (result >= 0) return {};
    return fail(ErrorCode::kUnsupported,
                fmt::format("{}: {}", what, std::generic_category().message(-result)));
  }

  std::unique_ptr<void, decltype(&::seccomp_release)> context_;
  Status error_;
};

scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

// The kernel looks at 32 bits of these; what is above is the caller's.
scmp_arg_cmp equal32(unsigned argument, std::uint64_t value) {
  return masked(argument, 0xffffffff, value);
}

void allow_threads(Filter& filter) {
  constexpr std::uint64_t kThread = CLONE_THREAD | CLONE_VM;
  constexpr std::uint64_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                        CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
  filter.allow("clone", {masked(0, kThread | kNamespaces, kThread)});
  // Its flags lie in memory, where a filter cannot see them; the C library falls back to clone.
  // Not by a signal, because it has all of them blocked meanwhile.
  filter.refuse("clone3", ENOSYS);
  const auto self = static_cast<std::uint64_t>(::getpid());
  for (const char* name : {"kill", "tgkill", "rt_tgsigqueueinfo"}) {
    filter.allow(name, {equal32(0, self)});
  }
  filter.allow("prlimit64", {equal32(0, 0)});
  filter.allow("prlimit64", {equal32(0, self)});
  filter.allow("setrlimit");
  for (const int option : kPrctl)
    filter.allow("prctl", {equal32(0, static_cast<unsigned>(option))});
}

// By the letter of the driver: the lower case ones are Hailo's, dma-buf's and udmabuf's. Of the
// terminals' (T) and the sockets' (0x89) some send signals to other processes.
void allow_driver(Filter& filter) {
  constexpr std::uint64_t kLetter = 0xff00;
  constexpr std::uint64_t kRow = 0xe000;
  filter.allow("ioctl", {masked(1, kRow, 0x6000)});
  for (const std::uint64_t letter : {'U' /* USB */, 'H' /* DMA heaps */}) {
    filter.allow("ioctl", {masked(1, kLetter, letter << 8U)});
  }
  filter.allow("socket", {equal32(0, AF_NETLINK)});
  filter.allow("bind");
}

}  // namespace

Status filter_system_calls(const Rules& rules) {
  Filter filter;
  if (!filter.made()) return fail(ErrorCode::kUnsupported, "seccomp: out of memory");
  for (const char* name : kAlways) filter.allow(name);
  for (const int command : kFcntl) {
    filter.allow("fcntl", {equal32(1, static_cast<unsigned>(command))});
  }
  allow_threads(filter);
  if (rules.opens_files) {
    for (const char* name : kWithFiles) filter.allow(name);
  }
  if (rules.opens_files && !rules.write.empty()) {
    for (const char* name : kWithWriting) filter.allow(name);
  }
  filter.allow("ioctl", {equal32(1, TCGETS)});  // whether standard error is a terminal
  if (rules.calls_driver) allow_driver(filter);
  return filter.load();
}

}  // namespace npu::confine
