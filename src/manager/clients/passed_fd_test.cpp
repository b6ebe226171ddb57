#include "manager/clients/passed_fd.hpp"

#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unix_socket.hpp"
#include "tensor/shared_memory.hpp"

namespace npu::manager {
namespace {

constexpr uid_t kUser = 1000;

// A connection whose near end, when it is closed, waits for an hour until all was read.
struct Lingering {
  UniqueFd near;
  UniqueFd far;
  std::size_t unread = 0;

  Lingering() {
    const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    near = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener.get(), where, size), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener.get(), where, &size), 0);
    EXPECT_EQ(::connect(near.get(), where, size), 0);
    far = UniqueFd(::accept(listener.get(), nullptr, nullptr));
    const linger hour{1, 3600};
    EXPECT_EQ(::setsockopt(near.get(), SOL_SOCKET, SO_LINGER, &hour, sizeof(hour)), 0);
    const std::string piece(1 << 16, 'x');
    ssize_t sent = 0;
    while ((sent = ::send(near.get(), piece.data(), piece.size(), MSG_DONTWAIT)) > 0) {
      unread += static_cast<std::size_t>(sent);
    }
  }
};

// Reads to the end, so that the near end can close.
std::size_t drain(int fd) {
  std::string text(1 << 16, '\0');
  std::size_t read = 0;
  ssize_t got = 0;
  while ((got = ::recv(fd, text.data(), text.size(), 0)) > 0) read += static_cast<std::size_t>(got);
  EXPECT_EQ(got, 0) << "it was closed";
  return read;
}

TEST(PassedFd, What_takes_for_ever_to_close_holds_up_nobody) {
  Lingering connection;
  ASSERT_GT(connection.unread, 0U);
  {
    const PassedFd dropped(std::move(connection.near), kUser);
  }
  EXPECT_EQ(drain(connection.far.get()), connection.unread);
}

TEST(PassedFd, What_one_user_passes_holds_up_no_closing_of_anothers) {
  std::vector<Lingering> connections(40);
  for (Lingering& one : connections) const PassedFd dropped(std::move(one.near), kUser);
  EXPECT_GT(PassedFd::closing_of(kUser), 0U) << "each lingers for a moment";
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reading(ends[0]);
  {
    const PassedFd dropped(UniqueFd(ends[1]), kUser + 1);
  }
  char nothing = 0;
  EXPECT_EQ(::read(reading.get(), &nothing, 1), 0) << "it was closed";
  for (const Lingering& one : connections) drain(one.far.get());
  while (PassedFd::closing_of(kUser) > 0) std::this_thread::yield();
}

TEST(PassedFd, Memory_is_closed_at_once) {
  const auto memory = SharedMemory::create(100).value();
  const int fd = ::fcntl(memory.fd(), F_DUPFD_CLOEXEC, 0);
  {
    const PassedFd dropped(UniqueFd(fd), kUser);
  }
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

}  // namespace
}  // namespace npu::manager
