// Unix stream sockets with descriptor passing: the system calls, without any event loop.
//
// Every descriptor made or received here is close-on-exec. Functions with a Result describe the
// failing step and the path in the message; no function throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <sys/uio.h>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"

namespace npu {

// As many as one message can carry: the kernel would close the rest there and then, which with a
// stranger's descriptors may take for ever.
inline constexpr std::size_t kMaxFdsPerReceive = 253;

struct IoResult {
  enum class Kind { kOk, kWouldBlock, kEof, kError };
  Kind kind = Kind::kOk;
  std::size_t bytes = 0;  // with kOk: how much was moved, at least 1
  int error = 0;          // with kError: errno
};

// One recvmsg into buffer. Descriptors that came along are appended to fds.
IoResult receive(int socket, std::span<std::byte> buffer, std::vector<UniqueFd>& fds);

// One sendmsg of the gathered parts, with fds attached to its first byte. May be partial; what was
// not sent, and only that, is to be sent again, without the descriptors. Never raises SIGPIPE.
IoResult send(int socket, std::span<const iovec> parts, std::span<const int> fds = {});

// Blocking: sends or receives everything, polling where the socket is non-blocking.
Status send_all(int socket, std::span<const iovec> parts, std::span<const int> fds = {});

Result<UniqueFd> unix_connect(const std::string& path);

struct ListenOptions {
  mode_t mode = 0660;
  std::optional<gid_t> group;
  int backlog = 128;
};
// Binds and listens. A stale socket file is replaced; a live one (somebody answers on it) is
// kBusy; a path that is no socket is kInvalidArgument.
Result<UniqueFd> unix_listen(const std::string& path, const ListenOptions& options);

// A connected pair, blocking.
Result<std::pair<UniqueFd, UniqueFd>> unix_pair();

struct PeerCredentials {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};
// Who is at the other end, as the kernel knows it.
Result<PeerCredentials> peer_credentials(int socket);
// The other groups that it was in when it connected; none where the kernel does not tell.
std::vector<gid_t> peer_groups(int socket);

Status set_nonblocking(int fd, bool on);

// Which of `events` (POLLIN...), POLLHUP and POLLERR hold now. A wait of Asio's is no proof: it may
// complete for an event of a closed descriptor whose place in the reactor this one has taken.
short poll_now(int fd, short events);

}  // namespace npu
