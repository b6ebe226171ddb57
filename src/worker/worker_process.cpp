#include "worker/worker_process.hpp"

#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unix_socket.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace {

// Only ever waited for in full where the worker is broken.
constexpr int kPatienceMs = 60000;

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
  std::vector<std::string> words{NPU_WORKER_PROGRAM, "--lane", "vision", "--link-fd",
                                 std::to_string(pair->second.get())};
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
  socket_ = std::move(pair->first);
}

WorkerProcess::~WorkerProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void WorkerProcess::send(const json::value& message, int descriptor) {
  const std::string text = wire::encode_message(message);
  const iovec part{const_cast<char*>(text.data()), text.size()};
  const std::span<const int> fds(&descriptor, descriptor >= 0 ? 1 : 0);
  if (auto ok = send_all(socket_.get(), std::span(&part, 1), fds); !ok) {
    throw std::runtime_error(ok.error().message);
  }
}

void WorkerProcess::send_raw(std::string_view bytes) {
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  if (auto ok = send_all(socket_.get(), std::span(&part, 1)); !ok)
    throw std::runtime_error(ok.error().message);
}

bool WorkerProcess::read_some() {
  pollfd entry{socket_.get(), POLLIN, 0};
  if (::poll(&entry, 1, kPatienceMs) != 1) throw std::runtime_error("the worker says nothing");
  const auto got = npu::receive(socket_.get(), reader_.prepare(), descriptors_);
  if (got.kind != IoResult::Kind::kOk) return false;
  if (auto ok = reader_.commit(got.bytes); !ok) throw std::runtime_error(ok.error().message);
  return true;
}

json::object WorkerProcess::receive() {
  for (;;) {
    if (const auto payload = reader_.next()) {
      return wire::parse_payload(payload->bytes, wire::Layout::kJson).value().body;
    }
    if (!read_some()) throw std::runtime_error("the worker closed the link");
  }
}

json::object WorkerProcess::ask(const json::value& message, int descriptor) {
  send(message, descriptor);
  return receive();
}

bool WorkerProcess::at_end() { return !reader_.next() && !read_some(); }

UniqueFd WorkerProcess::take_descriptor() {
  if (descriptors_.empty()) throw std::runtime_error("no descriptor came");
  UniqueFd fd = std::move(descriptors_.front());
  descriptors_.erase(descriptors_.begin());
  return fd;
}

SharedMemory WorkerProcess::region(std::uint64_t number, std::size_t bytes) {
  auto memory = SharedMemory::create(bytes).value();
  send(json::object{{"op", "region"}, {"region", number}, {"size", bytes}}, memory.fd());
  return memory;
}

void WorkerProcess::signal(int number) { ::kill(pid_, number); }

int WorkerProcess::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace npu::worker
