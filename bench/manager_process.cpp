#include "manager_process.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unix_socket.hpp"

namespace npu::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(2);
}

std::filesystem::path own_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace

ManagerProcess::ManagerProcess(const std::string& profile, std::vector<std::string> extra_args) {
  std::string pattern = std::filesystem::temp_directory_path() / "npu-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) give_up("cannot create a temporary directory");
  dir_ = pattern;
  std::filesystem::create_directory(dir_ / "models");

  const std::string program = own_folder() / "hailo-device-manager";
  std::vector<std::string> args = {program,
                                   "--socket-path",
                                   socket_path(),
                                   "--device",
                                   "sim",
                                   "--sim-profile",
                                   std::string(NPU_SIM_PROFILES) + "/" + profile,
                                   "--model-dirs",
                                   (dir_ / "models").string(),
                                   "--http",
                                   "off",
                                   "--log-level",
                                   "warning"};
  args.insert(args.end(), extra_args.begin(), extra_args.end());
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);

  pid_ = ::fork();
  if (pid_ == 0) {
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  for (int i = 0; i < 1000; ++i) {
    if (unix_connect(socket_path())) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) give_up(program + " ended at once");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  give_up(program + " does not answer");
}

ManagerProcess::~ManagerProcess() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

std::string ManagerProcess::model(const std::string& stem) const {
  const auto path = dir_ / "models" / (stem + ".hef");
  std::ofstream(path) << "\x01HEF";
  return path;
}

double ManagerProcess::resident_mb() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::atof(line.c_str() + 6) * 1024 / 1e6;
  }
  return 0;
}

}  // namespace npu::bench
