#include "base/unix_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fmt/format.h>

namespace npu {
namespace {

constexpr std::size_t kMaxFdsPerSend = 16;

std::string error_text(int error) { return std::generic_category().message(error); }

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a socket path has 1..{} characters, got {}",
                            sizeof(address.sun_path) - 1, path.size()));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<UniqueFd> stream_socket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return fail(ErrorCode::kUnavailable, "cannot create a socket: " + error_text(errno));
  return fd;
}

Status remove_stale(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, path + " exists and is not a socket");
  }
  if (auto alive = unix_connect(path)) {
    return fail(ErrorCode::kBusy, "another process is already serving " + path);
  }
  if (::unlink(path.c_str()) != 0) {
    return fail(ErrorCode::kPermission,
                fmt::format("cannot remove stale {}: {}", path, error_text(errno)));
  }
  return {};
}

IoResult failure_of(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return {IoResult::Kind::kWouldBlock, 0, 0};
  return {IoResult::Kind::kError, 0, error};
}

}  // namespace

IoResult receive(int socket, std::span<std::byte> buffer, std::vector<UniqueFd>& fds) {
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFdsPerReceive)];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return failure_of(errno);
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      fds.emplace_back(fd);
    }
  }
  if (got == 0) return {IoResult::Kind::kEof, 0, 0};
  return {IoResult::Kind::kOk, static_cast<std::size_t>(got), 0};
}

IoResult send(int socket, std::span<const iovec> parts, std::span<const int> fds) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());  // sendmsg only reads it
  message.msg_iovlen = parts.size();
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxFdsPerSend)] = {};
  if (!fds.empty()) {
    const std::size_t count = std::min(fds.size(), kMaxFdsPerSend);
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    std::memcpy(CMSG_DATA(header), fds.data(), sizeof(int) * count);
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return failure_of(errno);
  return {IoResult::Kind::kOk, static_cast<std::size_t>(sent), 0};
}

Status send_all(int socket, std::span<const iovec> parts, std::span<const int> fds) {
  std::vector<iovec> rest(parts.begin(), parts.end());
  std::size_t first = 0;
  while (first < rest.size()) {
    const IoResult sent = send(socket, std::span(rest).subspan(first), fds);
    if (sent.kind == IoResult::Kind::kWouldBlock) {
      pollfd wait{socket, POLLOUT, 0};
      ::poll(&wait, 1, -1);
      continue;
    }
    if (sent.kind != IoResult::Kind::kOk) {
      return fail(ErrorCode::kUnavailable, "connection lost: " + error_text(sent.error));
    }
    fds = {};
    std::size_t left = sent.bytes;
    while (first < rest.size() && left >= rest[first].iov_len) left -= rest[first++].iov_len;
    if (first < rest.size()) {
      rest[first].iov_base = static_cast<char*>(rest[first].iov_base) + left;
      rest[first].iov_len -= left;
    }
  }
  return {};
}

Result<UniqueFd> unix_connect(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return fail(address.error());
  auto fd = stream_socket();
  if (!fd) return fd;
  if (::connect(fd->get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0) {
    const int error = errno;
    const auto code = error == EACCES ? ErrorCode::kPermission : ErrorCode::kUnavailable;
    return fail(code, fmt::format("cannot connect to {}: {}", path, error_text(error)));
  }
  return fd;
}

Result<UniqueFd> unix_listen(const std::string& path, const ListenOptions& options) {
  const auto address = address_of(path);
  if (!address) return fail(address.error());
  if (auto removed = remove_stale(path); !removed) return fail(removed.error());
  auto fd = stream_socket();
  if (!fd) return fd;
  const auto failed = [&](const char* step) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("cannot {} {}: {}", step, path, error_text(errno)));
  };
  // Created closed to everybody, so that nobody connects before owner and mode are right.
  if (::fchmod(fd->get(), 0) != 0) return failed("prepare");
  if (::bind(fd->get(), reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) != 0) {
    return failed("bind");
  }
  if (options.group && ::chown(path.c_str(), static_cast<uid_t>(-1), *options.group) != 0) {
    const auto error = failed("change the group of");
    ::unlink(path.c_str());
    return error;
  }
  if (::chmod(path.c_str(), options.mode) != 0) return failed("change the mode of");
  if (::listen(fd->get(), options.backlog) != 0) return failed("listen on");
  return fd;
}

Result<std::pair<UniqueFd, UniqueFd>> unix_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail(ErrorCode::kUnavailable, "cannot create a socket pair: " + error_text(errno));
  }
  return std::pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<PeerCredentials> peer_credentials(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return fail(ErrorCode::kInternal, "cannot read peer credentials: " + error_text(errno));
  }
  return PeerCredentials{peer.pid, peer.uid, peer.gid};
}

std::vector<gid_t> peer_groups(int socket) {
  std::vector<gid_t> groups(32);
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const bool told = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0;
    if (!told && errno != ERANGE) return {};
    groups.resize(size / sizeof(gid_t));
    if (told) return groups;
  }
  return {};
}

Status set_nonblocking(int fd, bool on) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) != 0) {
    return fail(ErrorCode::kInternal, "cannot change blocking mode: " + error_text(errno));
  }
  return {};
}

short poll_now(int fd, short events) {
  pollfd state{fd, events, 0};
  return ::poll(&state, 1, 0) > 0 ? state.revents : short{0};
}

}  // namespace npu
