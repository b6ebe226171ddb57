#include "child.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace npu::bench {

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(2);
}

Scratch::Scratch() {
  std::string pattern = std::filesystem::temp_directory_path() / "npu-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) give_up("cannot create a temporary directory");
  path_ = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Child::Child(const std::string& name, std::vector<std::string> arguments) : name_(name) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
  arguments.insert(arguments.begin(), program);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
}

Child::~Child() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::chrono::nanoseconds Child::cpu_time() const {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    give_up(name_ + " has ended");
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

double Child::memory_mb(std::string_view field) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(field) || line[field.size()] != ':') continue;
    return std::strtod(line.c_str() + field.size() + 1, nullptr) * 1024 / 1e6;
  }
  return 0;
}

void Child::pause(int round) const {
  if (round == 1000) give_up(name_ + " does not answer");
  if (::waitpid(pid_, nullptr, WNOHANG) == pid_) give_up(name_ + " ended at once");
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

}  // namespace npu::bench
