// What a confined process may no longer do, and what it still may. Each in a child of its own.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/log.hpp"
#include "base/sanitized.hpp"
#include "base/unique_fd.hpp"
#include "base/unix_socket.hpp"
#include "confine/child_test_support.hpp"
#include "confine/confine.hpp"
#include "confine/landlock.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::confine {
namespace {

constexpr int kDone = 0;

int error_of(long result) { return result < 0 ? errno : kDone; }

int open_error(const char* path, int flags) { return error_of(::open(path, flags, 0600)); }

class ConfinedProcess : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer's runtime makes calls of its own";
  }
  static void expect_ended(const char* call, const std::function<int()>& piece) {
    const Ended ended = confined({}, piece);
    EXPECT_EQ(ended.status, -SIGSYS) << call << ": " << ended.log;
    EXPECT_EQ(ended.last_words, call);
    EXPECT_EQ(ended.log, std::string("test error: confinement: ") + call +
                             " is denied and ends this process\n");
  }
};

TEST_F(ConfinedProcess, Opens_no_file_and_the_log_names_it) {
  const Ended reading = confined({}, [] { return open_error("/etc/shadow", O_RDONLY); });
  EXPECT_EQ(reading.status, EACCES);
  EXPECT_EQ(reading.log, "test warning: confinement: openat of /etc/shadow is denied\n");
  EXPECT_EQ(reading.last_words, "");
  const fakes::TempDir dir;
  const std::string file = dir.file("mine", "x");
  EXPECT_EQ(confined({}, [&] { return open_error(file.c_str(), O_WRONLY); }).status, EACCES);
  EXPECT_EQ(
      confined({}, [&] { return open_error(dir.path("new").c_str(), O_CREAT | O_RDWR); }).status,
      EACCES);
  EXPECT_FALSE(std::filesystem::exists(dir.path("new")));
  EXPECT_EQ(confined({}, [&] { return error_of(::truncate(file.c_str(), 0)); }).status, ENOSYS);
  EXPECT_EQ(confined({}, [&] { return error_of(::unlink(file.c_str())); }).status, ENOSYS);
  EXPECT_EQ(std::filesystem::file_size(file), 1U);
}

TEST_F(ConfinedProcess, What_it_tried_to_open_cannot_forge_a_line_of_the_log_nor_fill_it) {
  const std::string name = "/a\nb" + std::string(10'000, 'x');
  const Ended ended = confined({}, [&] {
    for (int i = 0; i < 1000; ++i) open_error(name.c_str(), O_RDONLY);
    return kDone;
  });
  EXPECT_EQ(std::ranges::count(ended.log, '\n'), 32);
  EXPECT_LT(ended.log.size(), 32U * 300);
  EXPECT_TRUE(ended.log.starts_with("test warning: confinement: openat of /a?bxx")) << ended.log;
}

TEST_F(ConfinedProcess, Has_no_network) {
  for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET}) {
    const Ended ended =
        confined({}, [&] { return error_of(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)); });
    EXPECT_EQ(ended.status, EACCES) << family;
    EXPECT_EQ(ended.log, "test warning: confinement: socket is denied\n");
  }
  const UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  EXPECT_EQ(
      confined({}, [&] { return error_of(::connect(tcp.get(), where, sizeof address)); }).status,
      EACCES);
  EXPECT_EQ(confined({}, [&] { return error_of(::bind(tcp.get(), where, sizeof address)); }).status,
            EACCES);
  expect_ended("listen", [&] { return error_of(::listen(tcp.get(), 1)); });
}

TEST_F(ConfinedProcess, Becomes_no_other_program_and_makes_no_process) {
  static char* const kArguments[] = {const_cast<char*>("true"), nullptr};
  expect_ended("execve", [] { return error_of(::execv("/bin/true", kArguments)); });
  expect_ended("clone", [] { return error_of(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); });
  // The C library blocks all signals meanwhile, so that only the kernel ends it.
  for (const auto& piece : {std::function<int()>([] { return error_of(::fork()); }),
                            std::function<int()>([] { return ::system("true"); })}) {
    EXPECT_EQ(confined({}, piece).status, -SIGSYS);
  }
}

TEST_F(ConfinedProcess, Touches_no_other_process) {
  const pid_t parent = ::getpid();
  expect_ended("ptrace", [&] { return error_of(::ptrace(PTRACE_ATTACH, parent, nullptr, 0)); });
  expect_ended("process_vm_readv", [&] {
    char byte = 0;
    const iovec here{&byte, 1};
    const iovec there{&byte, 1};
    return error_of(::process_vm_readv(parent, &here, 1, &there, 1, 0));
  });
  expect_ended("kill", [&] { return error_of(::kill(parent, SIGUSR1)); });
  expect_ended("kill", [] { return error_of(::kill(0, SIGUSR1)); });
  expect_ended("tgkill", [&] { return error_of(::syscall(SYS_tgkill, parent, parent, SIGUSR1)); });
  const UniqueFd event(::eventfd(0, EFD_CLOEXEC));
  EXPECT_EQ(confined({}, [&] { return error_of(::fcntl(event.get(), F_SETOWN, parent)); }).status,
            ENOSYS);
  EXPECT_EQ(confined({},
                     [&] {
                       const rlimit none{};
                       return error_of(::prlimit(parent, RLIMIT_NOFILE, &none, nullptr));
                     })
                .status,
            ENOSYS);
}

TEST_F(ConfinedProcess, Asks_the_kernel_for_nothing_special) {
  expect_ended("mount", [] { return error_of(::mount("a", "/mnt", "tmpfs", 0, nullptr)); });
  expect_ended("unshare", [] { return error_of(::syscall(SYS_unshare, CLONE_NEWUSER)); });
  expect_ended("bpf", [] { return error_of(::syscall(SYS_bpf, BPF_PROG_LOAD, nullptr, 0)); });
  expect_ended("keyctl", [] { return error_of(::syscall(SYS_keyctl, 0, 0, 0, 0, 0)); });
  expect_ended("setuid", [] { return error_of(::setuid(1)); });
  EXPECT_EQ(confined({}, [] { return error_of(::syscall(SYS_io_uring_setup, 1, nullptr)); }).status,
            ENOSYS);
  EXPECT_EQ(confined({}, [] { return error_of(::syscall(511)); }).status, ENOSYS);
}

TEST_F(ConfinedProcess, Cannot_be_looked_into_and_cannot_take_that_back) {
  EXPECT_EQ(confined({},
                     [] {
                       rlimit core{1, 1};
                       rlimit files{};
                       ::getrlimit(RLIMIT_CORE, &core);
                       ::getrlimit(RLIMIT_NOFILE, &files);
                       return static_cast<int>(::prctl(PR_GET_DUMPABLE) + core.rlim_max) +
                              (files.rlim_cur == files.rlim_max ? 0 : 1);
                     })
                .status,
            0);
  EXPECT_EQ(confined({}, [] { return error_of(::prctl(PR_SET_DUMPABLE, 1)); }).status, ENOSYS);
}

TEST_F(ConfinedProcess, Threads_from_before_and_from_later_are_confined_too) {
  const auto tries = [](int& error) { error = open_error("/etc/shadow", O_RDONLY); };
  const Ended ended = in_child([&] {
    std::atomic_flag is_confined;
    int before = 0;
    int later = 0;
    std::jthread early([&] {
      is_confined.wait(false);
      tries(before);
    });
    if (!restrict_process({})) return 1;
    is_confined.test_and_set();
    is_confined.notify_all();
    early.join();
    std::jthread([&] { tries(later); }).join();
    return before == later ? before : 2;
  });
  EXPECT_EQ(ended.status, EACCES) << ended.log;
}

// As qemu-user and old kernels do.
bool lose_confinement() {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  const scmp_arg_cmp mode{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_SECCOMP, .datum_b = 0};
  const auto missing = SCMP_ACT_ERRNO(ENOSYS);
  const bool made =
      ::seccomp_rule_add(filter, missing, landlock::kCreateRuleset, 0) == 0 &&
      ::seccomp_rule_add(filter, missing, SCMP_SYS(seccomp), 0) == 0 &&
      ::seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, &mode) == 0;
  return made && ::seccomp_load(filter) == 0;
}

TEST_F(ConfinedProcess, Where_the_kernel_lacks_it_all_goes_on_and_the_reason_is_told) {
  const Ended ended = in_child([] {
    if (!lose_confinement()) return 1;
    const Status files = restrict_files({});
    const Status calls = restrict_process({});
    log::info("{}", describe(files, calls));
    return open_error("/dev/null", O_RDONLY);
  });
  EXPECT_EQ(ended.status, kDone);
  EXPECT_NE(ended.log.find("nothing: the kernel has no Landlock; seccomp: "), std::string::npos)
      << ended.log;
}

TEST_F(ConfinedProcess, Memory_of_its_own_has_a_bound) {
  const Rules rules{.data_bytes = std::uint64_t{64} << 20U};
  const auto allocates = [](std::size_t bytes) {
    return [bytes] {
      void* memory =
          ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      return memory == MAP_FAILED ? errno : kDone;
    };
  };
  EXPECT_EQ(confined(rules, allocates(std::size_t{16} << 20U)).status, kDone);
  EXPECT_EQ(confined(rules, allocates(std::size_t{128} << 20U)).status, ENOMEM);
  EXPECT_EQ(confined({}, allocates(std::size_t{128} << 20U)).status, kDone);
}

TEST_F(ConfinedProcess, Goes_on_with_what_a_worker_does) {
  auto pair = unix_pair();
  ASSERT_TRUE(pair);
  const Ended ended = confined({}, [&] {
    const int passed = pair->first.get();
    std::byte message{1};
    const iovec part{&message, 1};
    if (!send_all(pair->second.get(), {&part, 1}, {&passed, 1})) return 1;
    std::vector<UniqueFd> received;
    receive(pair->first.get(), {&message, 1}, received);
    if (received.size() != 1) return 1;
    std::atomic<int> sum = 0;
    {
      std::vector<std::jthread> threads;
      threads.reserve(4);
      for (int i = 0; i < 4; ++i) threads.emplace_back([&] { ++sum; });
    }
    if (sum != 4) return 2;
    const UniqueFd memory(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!memory || ::ftruncate(memory.get(), 4096) != 0) return 3;
    if (::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK) != 0) return 4;
    void* mapped = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
    if (mapped == MAP_FAILED) return 5;
    std::memset(mapped, 1, 4096);
    char byte = 0;
    if (::pread(memory.get(), &byte, 1, 0) != 1 || byte != 1) return 6;
    const UniqueFd event(::eventfd(1, EFD_CLOEXEC));
    std::uint64_t count = 0;
    if (::read(event.get(), &count, sizeof count) != sizeof count) return 7;
    std::this_thread::sleep_for(std::chrono::microseconds(1));
    log::info("still here");
    return kDone;
  });
  EXPECT_EQ(ended.status, kDone) << ended.log;
  EXPECT_NE(ended.log.find("still here"), std::string::npos);
  EXPECT_EQ(std::ranges::count(ended.log, '\n'), 1) << ended.log;
}

TEST_F(ConfinedProcess, Dies_by_abort_as_before) {
  EXPECT_EQ(confined({}, []() -> int { std::abort(); }).status, -SIGABRT);
}

TEST_F(ConfinedProcess, A_device_that_opens_files_and_calls_its_driver_may) {
  const fakes::TempDir dir;
  const Rules rules{.opens_files = true, .read = {}, .write = {dir.path("")}, .calls_driver = true};
  EXPECT_EQ(
      confined(rules, [&] { return open_error(dir.path("new").c_str(), O_CREAT | O_RDWR); }).status,
      kDone);
  EXPECT_EQ(confined(rules, [] { return error_of(::socket(AF_NETLINK, SOCK_RAW, 0)); }).status,
            kDone);
  EXPECT_EQ(confined(rules, [] { return error_of(::socket(AF_INET, SOCK_STREAM, 0)); }).status,
            EACCES);
  const UniqueFd event(::eventfd(0, EFD_CLOEXEC));
  constexpr unsigned long kOfHailo = 0x4004'6700;  // _IOW('g', 0, int)
  EXPECT_EQ(confined(rules, [&] { return error_of(::ioctl(event.get(), kOfHailo, 0)); }).status,
            ENOTTY);
  EXPECT_EQ(confined({}, [&] { return error_of(::ioctl(event.get(), kOfHailo, 0)); }).status,
            ENOSYS);
  const pid_t parent = ::getpid();
  EXPECT_EQ(
      confined(rules, [&] { return error_of(::ioctl(event.get(), FIOSETOWN, &parent)); }).status,
      ENOSYS);
}

}  // namespace
}  // namespace npu::confine
