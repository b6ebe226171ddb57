#include "worker/worker_process_test_support.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unix_socket.hpp"

namespace npu::worker {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

WorkerProcess::WorkerProcess(std::vector<std::string> arguments,
                             std::vector<std::string> environment) {
  auto pair = unix_pair();
  if (!pair) throw std::runtime_error(pair.error().message);
  std::vector<std::string> words{
      NPU_WORKER_PROGRAM, "--lane", "vision", "--link-fd", std::to_string(pair->second.get()),
      // The manager passes descriptors; tests may name files.
      "--also-opens", std::filesystem::temp_directory_path().string() + ":" + NPU_TEST_MODELS};
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const auto argv = pointers(words);
  const auto envp = pointers(environment);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::fcntl(pair->second.get(), F_SETFD, 0);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ManagerEnd::operator=(ManagerEnd(std::move(pair->first)));
}

WorkerProcess::~WorkerProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void WorkerProcess::signal(int number) { ::kill(pid_, number); }

int WorkerProcess::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace npu::worker
